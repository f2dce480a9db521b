package dev.tutti.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for hubs in the LAN until it is closed. What it tells are suggestions: anybody can
/// announce anything, so only well-shaped notices with an address of a private network are told,
/// and never more than {@value #MAX_SUGGESTIONS} at a time.
///
/// A hub that says goodbye is told as vanished at once; one that dies without a word stays until
/// its announcement expires, so whoever follows a suggestion must be ready to find nobody.
public final class MdnsSearch implements AutoCloseable {
  /// Suggestions that stand at a time, at most; more are not told until others vanish.
  public static final int MAX_SUGGESTIONS = 64;

  /// Addresses of one notice that are told, at most.
  public static final int MAX_ADDRESSES_PER_HUB = 4;

  /// Asking for a service's details does not wait for them: they come as an event.
  private static final long NO_WAIT_MILLIS = 1;

  private static final Logger LOG = LoggerFactory.getLogger(MdnsSearch.class);

  /// Hears suggestions, one at a time, on threads of the search. Must not block: it should hand
  /// over to its own loop.
  public interface Listener {
    /// A hub may be there.
    void found(HubSuggestion suggestion);

    /// It said that it is no longer there, or has not been heard for long.
    void vanished(HubSuggestion suggestion);
  }

  private final Listener listener;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Object lock = new Object();

  /// What stands, by where and under which name it was heard. Guarded by `lock`.
  private final Map<Heard, List<HubSuggestion>> standing = new LinkedHashMap<>();

  private boolean closed;

  /// Where a notice was heard and under which name.
  private record Heard(InetAddress on, String name) {}

  private MdnsSearch(Listener listener) {
    this.listener = listener;
  }

  /// Begins to listen on these addresses, normally {@link LanInterfaces#addresses()}. An address
  /// where it fails is logged and left out.
  public static MdnsSearch start(List<InetAddress> addresses, Listener listener) {
    var search = new MdnsSearch(listener);
    addresses.stream()
        .limit(LanInterfaces.MAX_ADDRESSES)
        .forEach(address ->
            Thread.ofVirtual()
                .name("mdns-search-" + address.getHostAddress())
                .start(() -> search.listen(address)));
    return search;
  }

  private void listen(InetAddress address) {
    try {
      SturdyDns.run(
          address,
          "tutti-search",
          stop,
          dns -> dns.addServiceListener(HubNotice.TYPE, new Ear(address)));
    } catch (IOException | IllegalStateException failed) {
      LOG.warn(
          "Hubs are not searched for. address={} reason={}",
          address.getHostAddress(),
          failed.toString());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Ear implements ServiceListener {
    private final InetAddress on;

    Ear(InetAddress on) {
      this.on = on;
    }

    @Override
    public void serviceAdded(ServiceEvent event) {
      event.getDNS().requestServiceInfo(event.getType(), event.getName(), NO_WAIT_MILLIS);
    }

    @Override
    public void serviceRemoved(ServiceEvent event) {
      replace(new Heard(on, event.getName()), List.of());
    }

    @Override
    public void serviceResolved(ServiceEvent event) {
      replace(new Heard(on, event.getName()), suggestions(event.getInfo()));
    }
  }

  /// What a stranger announced, if it is a hub in a LAN.
  static List<HubSuggestion> suggestions(ServiceInfo info) {
    HubNotice.Values values =
        name -> {
          byte[] bytes = info.getPropertyBytes(name);
          return bytes == null ? new byte[0] : bytes;
        };
    return HubNotice.read(values, info.getPort())
        .map(notice -> suggestions(notice, Arrays.asList(info.getInetAddresses())))
        .orElseGet(List::of);
  }

  static List<HubSuggestion> suggestions(HubNotice notice, List<InetAddress> addresses) {
    return addresses.stream()
        .filter(LanInterfaces::isPrivate)
        .limit(MAX_ADDRESSES_PER_HUB)
        .map(address -> new HubSuggestion(notice, address))
        .toList();
  }

  /// What is now heard under that name; told as the difference to what stood before.
  private void replace(Heard heard, List<HubSuggestion> now) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      Set<HubSuggestion> before = all();
      standing.remove(heard);
      int room = MAX_SUGGESTIONS - standing.values().stream().mapToInt(List::size).sum();
      List<HubSuggestion> kept = now.stream().limit(room).toList();
      if (!kept.isEmpty()) {
        standing.put(heard, kept);
      }
      Set<HubSuggestion> after = all();
      before.stream().filter(old -> !after.contains(old)).forEach(listener::vanished);
      after.stream().filter(fresh -> !before.contains(fresh)).forEach(listener::found);
    }
  }

  private Set<HubSuggestion> all() {
    Set<HubSuggestion> all = new LinkedHashSet<>();
    standing.values().forEach(all::addAll);
    return all;
  }

  /// What stands now.
  public List<HubSuggestion> suggestions() {
    synchronized (lock) {
      return new ArrayList<>(all());
    }
  }

  /// Listens no longer and tells nothing more. Does not wait.
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    stop.countDown();
  }
}
