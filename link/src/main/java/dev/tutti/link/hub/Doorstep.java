package dev.tutti.link.hub;

import dev.tutti.core.Time;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Connections that have yet to say who is at their other end: at most so many in all and of one
/// address, each for so long. Where there is no room for another one, the oldest makes it: of the
/// same address where that has its share, else of the address that has most. So a crowd that only
/// holds connections open keeps out nobody but itself. Link loop only.
final class Doorstep {
  private final Map<Channel, Standing> open = new LinkedHashMap<>();
  private final Map<String, Integer> byAddress = new HashMap<>();
  private final Time time;
  private final int max;
  private final int maxPerAddress;
  private final Duration patience;

  private record Standing(String address, long sinceNanos) {}

  Doorstep(Time time, int max, int maxPerAddress, Duration patience) {
    this.time = time;
    this.max = max;
    this.maxPerAddress = maxPerAddress;
    this.patience = patience;
  }

  /// Somebody came.
  void came(Channel channel) {
    String address = address(channel);
    if (byAddress.getOrDefault(address, 0) >= maxPerAddress) {
      makeRoom(address);
    } else if (open.size() >= max) {
      makeRoom(most().orElse(address));
    }
    open.put(channel, new Standing(address, time.nanos()));
    byAddress.merge(address, 1, Integer::sum);
    var _ = channel.closeFuture().addListener(_ -> left(channel));
  }

  /// Somebody has said who it is, or is gone; harmless when repeated.
  void left(Channel channel) {
    Standing standing = open.remove(channel);
    if (standing != null) {
      byAddress.computeIfPresent(standing.address, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  /// Ends what has taken too long.
  void look() {
    long now = time.nanos();
    List<Channel> overdue =
        open.entrySet().stream()
            .filter(each -> now - each.getValue().sinceNanos > patience.toNanos())
            .map(Map.Entry::getKey)
            .toList();
    overdue.forEach(this::end);
  }

  private void makeRoom(String address) {
    open.entrySet().stream()
        .filter(each -> each.getValue().address.equals(address))
        .map(Map.Entry::getKey)
        .findFirst()
        .ifPresent(this::end);
  }

  private void end(Channel channel) {
    left(channel);
    var _ = channel.close();
  }

  private Optional<String> most() {
    return byAddress.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  private static String address(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress remote
            && remote.getAddress() != null
        ? remote.getAddress().getHostAddress()
        : "";
  }
}
