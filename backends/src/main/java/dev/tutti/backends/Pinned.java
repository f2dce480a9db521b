package dev.tutti.backends;

import dev.tutti.core.Address;
import dev.tutti.core.Outbound;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The address that a host's name stands for, looked up once, judged, and then used as it was
/// judged: a name that leads elsewhere a moment later leads nowhere. Owner loop only.
final class Pinned {
  /// A name is looked up again after so long, and after a failed connection.
  static final Duration KEPT = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final EngineAddress address;
  private final Resolver resolver;
  private final @Nullable SocketAddress literal;
  private @Nullable Future<SocketAddress> known;

  /// Finds every address of a name. Blocks.
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /// What a refused destination fails with.
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why);
    }
  }

  Pinned(Vertx vertx, EngineAddress address, Resolver resolver) {
    this.vertx = vertx;
    this.address = address;
    this.resolver = resolver;
    Optional<InetAddress> written = Address.literal(address.host());
    boolean allowed =
        written.filter(each -> Outbound.ENGINE.objectionTo(each).isEmpty()).isPresent();
    this.literal = allowed ? socket(written.orElseThrow()) : null;
  }

  /// Where to connect, when it takes no look-up.
  @Nullable SocketAddress atOnce() {
    if (literal != null) {
      return literal;
    }
    Future<SocketAddress> last = known;
    return last != null && last.succeeded() ? last.result() : null;
  }

  /// Where to connect; fails with {@link Refused} or {@link UnknownHostException}. Names are looked
  /// up on a thread of their own, one at a time.
  Future<SocketAddress> find() {
    Future<SocketAddress> last = known;
    if (last != null && !last.isComplete()) {
      return last;
    }
    Context context = vertx.getOrCreateContext();
    Promise<SocketAddress> found = Promise.promise();
    known = found.future();
    Thread.ofVirtual()
        .name("look-up")
        .start(() -> {
          try {
            SocketAddress where = socket(judged(resolver.resolve(address.host())));
            context.runOnContext(_ -> {
              found.complete(where);
              vertx.setTimer(KEPT.toMillis(), _ -> forget(found.future()));
            });
          } catch (UnknownHostException | RuntimeException e) {
            context.runOnContext(_ -> found.fail(e));
          }
        });
    return found.future();
  }

  /// A connection failed: the name may lead elsewhere by now.
  void forget() {
    Future<SocketAddress> last = known;
    if (last != null && last.isComplete()) {
      known = null;
    }
  }

  private void forget(Future<SocketAddress> old) {
    if (old.equals(known)) {
      known = null;
    }
  }

  /// Addresses of one cable are passed over, since machines with a name in the LAN have those
  /// beside others. Any other bad spoils the name: whoever mixes them means no good.
  private InetAddress judged(InetAddress[] all) throws UnknownHostException {
    Optional<String> written = Outbound.ENGINE.objectionTo(address.host());
    if (written.isPresent()) {
      throw new Refused(written.get());
    }
    Optional<InetAddress> first = Optional.empty();
    for (InetAddress each : all) {
      Optional<String> objection = Outbound.ENGINE.objectionTo(each);
      boolean skipped = Address.sort(each) == Address.Sort.LINK_LOCAL && all.length > 1;
      if (objection.isPresent() && !skipped) {
        throw new Refused(objection.get());
      }
      first = first.isPresent() || skipped ? first : Optional.of(each);
    }
    return first.orElseThrow(() -> new UnknownHostException(address.host()));
  }

  private SocketAddress socket(InetAddress where) {
    return SocketAddress.inetSocketAddress(address.port(), where.getHostAddress());
  }
}
