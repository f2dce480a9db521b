package dev.tutti.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.jmdns.JmDNS;
import javax.jmdns.impl.DNSRecord;
import javax.jmdns.impl.JmDNSImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Multicast DNS that strangers cannot make deaf. The library hears everything on one thread, which
/// ends for ever with the first exception that a packet leads to, and some do: an IPv4 address in a
/// record for IPv6 is one. So records that it cannot take in are passed over, and where its thread
/// ends all the same, it begins anew.
final class SturdyDns extends JmDNSImpl {
  /// How often it is looked whether anybody still hears.
  static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(SturdyDns.class);

  /// The thread that hears. Without a value here, since it may have come before this object is
  /// ready.
  private volatile @Nullable Thread ear;

  private SturdyDns(InetAddress address, String name) throws IOException {
    super(address, name);
  }

  /// Runs it until told to stop; blocks.
  ///
  /// @param name of this machine in it: without one the library asks the name service, which may
  ///   take long
  /// @param begin is given it, and each that takes its place
  static void run(InetAddress address, String name, CountDownLatch stop, Consumer<JmDNS> begin)
      throws IOException, InterruptedException {
    boolean deaf = true;
    while (deaf) {
      try (var dns = new SturdyDns(address, name)) {
        begin.accept(dns);
        deaf = dns.isDeafBefore(stop);
      }
      if (deaf) {
        LOG.warn("Multicast DNS begins anew: a packet ended it. address={}", address);
      }
    }
  }

  private boolean isDeafBefore(CountDownLatch stop) throws InterruptedException {
    while (!stop.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
      Thread hears = ear;
      if (hears != null && !hears.isAlive()) {
        return true;
      }
    }
    return false;
  }

  /// The thread that hears asks for the socket before each packet.
  @Override
  public MulticastSocket getSocket() {
    Thread asks = Thread.currentThread();
    if (asks.getName().startsWith("SocketListener(")) {
      ear = asks;
    }
    return super.getSocket();
  }

  @Override
  public void updateRecord(long now, DNSRecord record, Operation operation) {
    try {
      super.updateRecord(now, record, operation);
    } catch (RuntimeException unreadable) {
      LOG.debug("A record was passed over. type={}", record.getRecordType(), unreadable);
    }
  }
}
