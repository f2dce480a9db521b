package dev.tutti.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the LAN where a hub is, as `_tutti._tcp`, until it is closed. Everything that blocks
/// happens on threads of its own, so it may be started from anywhere.
public final class MdnsAdvert implements AutoCloseable {
  /// Saying goodbye takes no longer.
  public static final Duration GOODBYE_WITHIN = Duration.ofSeconds(3);

  private static final Logger LOG = LoggerFactory.getLogger(MdnsAdvert.class);

  private final HubNotice notice;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch gone;

  private MdnsAdvert(HubNotice notice, int speakers) {
    this.notice = notice;
    this.gone = new CountDownLatch(speakers);
  }

  /// Begins to announce on these addresses, normally {@link LanInterfaces#addresses()}. An address
  /// where it fails is logged and left out.
  public static MdnsAdvert start(HubNotice notice, List<InetAddress> addresses) {
    List<InetAddress> used = addresses.stream().limit(LanInterfaces.MAX_ADDRESSES).toList();
    var advert = new MdnsAdvert(notice, used.size());
    for (InetAddress address : used) {
      Thread.ofVirtual()
          .name("mdns-advert-" + address.getHostAddress())
          .start(() -> advert.speak(address));
    }
    return advert;
  }

  private void speak(InetAddress address) {
    try {
      SturdyDns.run(address, "tutti-" + notice.hubId(), stop, dns -> announce(dns, address));
    } catch (IOException | IllegalStateException failed) {
      LOG.warn(
          "Hub not announced. hub={} address={} reason={}",
          notice.hubId(),
          address.getHostAddress(),
          failed.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      gone.countDown();
    }
  }

  private void announce(JmDNS dns, InetAddress address) {
    try {
      dns.registerService(
          ServiceInfo.create(HubNotice.TYPE, notice.hubId(), notice.port(), 0, 0, notice.values()));
    } catch (IOException failed) {
      throw new IllegalStateException("not announced", failed);
    }
    LOG.info(
        "Hub announced. hub={} address={} port={}",
        notice.hubId(),
        address.getHostAddress(),
        notice.port());
  }

  /// Takes the announcement back. Waits for the goodbye, at most {@link #GOODBYE_WITHIN}; not on an
  /// event loop.
  @Override
  public void close() {
    stop.countDown();
    try {
      if (!gone.await(GOODBYE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("No goodbye in time. hub={}", notice.hubId());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
