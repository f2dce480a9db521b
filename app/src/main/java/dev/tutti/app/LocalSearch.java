package dev.tutti.app;

import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.core.Time;
import dev.tutti.discovery.LocalEngines;
import dev.tutti.fleet.BackendFacts;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Looks again and again at the ports of this machine where engines usually are. Owner loop only.
final class LocalSearch {
  /// Between two looks.
  static final Duration EVERY = Duration.ofSeconds(5);

  /// An engine that was found.
  record Engine(EngineAddress address, BackendFacts facts) {}

  private final Time time;
  private final Function<EngineAddress, Future<Finding>> look;
  private final Predicate<EngineAddress> known;
  private final Consumer<Engine> found;
  private final Set<Integer> ownPorts;
  private Time.@Nullable Timer next;
  private boolean stopped;

  /// A search that does nothing before {@link #start()}.
  ///
  /// @param known addresses that need no look
  /// @param ownPorts ports of this process, which is no engine
  LocalSearch(
      Time time,
      Function<EngineAddress, Future<Finding>> look,
      Predicate<EngineAddress> known,
      Set<Integer> ownPorts,
      Consumer<Engine> found) {
    this.time = time;
    this.look = look;
    this.known = known;
    this.found = found;
    this.ownPorts = Set.copyOf(ownPorts);
  }

  /// Looks now and every {@link #EVERY} from then on.
  ///
  /// @return completes after the first look
  Future<List<Engine>> start() {
    return round();
  }

  /// Looks once, now.
  Future<List<Engine>> once() {
    var engines = new java.util.ArrayList<Engine>();
    var looks = new java.util.ArrayList<Future<Finding>>();
    for (int port : LocalEngines.portsWithout(ownPorts)) {
      EngineAddress address = EngineAddress.loopback(port);
      if (known.test(address)) {
        continue;
      }
      looks.add(
          look.apply(address)
              .onSuccess(finding -> {
                if (!stopped && finding instanceof Finding.Found(BackendFacts facts)) {
                  var engine = new Engine(address, facts);
                  engines.add(engine);
                  found.accept(engine);
                }
              }));
    }
    return Future.join(looks).transform(_ -> Future.succeededFuture(List.copyOf(engines)));
  }

  private Future<List<Engine>> round() {
    return once()
        .onComplete(_ -> {
          if (!stopped) {
            next = time.after(EVERY, this::round);
          }
        });
  }

  void stop() {
    stopped = true;
    if (next != null) {
      next.cancel();
    }
  }
}
