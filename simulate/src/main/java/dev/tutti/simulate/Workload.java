package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The requests of one simulation with their arrivals.
///
/// @param requests in the order of their arrival
public record Workload(List<Request> requests) {
  /// Copies the list.
  public Workload {
    requests = List.copyOf(requests);
  }

  /// A trace for a fleet, at its own times.
  ///
  /// @param seed decides which request asks for which model of the mix
  public static Workload of(Trace trace, ModelMix mix, long seed) {
    var random = new SplittableRandom(seed);
    var requests = new ArrayList<Request>(trace.entries().size());
    for (Trace.Entry entry : trace.entries()) {
      ModelName model = mix.draw(random);
      requests.add(
          new Request(
              requests.size(),
              entry.nanos(),
              model,
              entry.prompt(),
              entry.outputTokens(),
              entry.client()));
    }
    return new Workload(requests);
  }

  /// The same requests, slower or faster one after the other so that they are this share of what
  /// the fleet can do. Requests that all came at once come evenly.
  public Workload atLoad(double load, FleetSpec fleet) {
    double last = requests.getLast().arrivalNanos();
    double wanted = Capacity.seconds(requests, fleet) / load * 1e9;
    var moved = new ArrayList<Request>(requests.size());
    for (Request request : requests) {
      double share =
          last > 0
              ? request.arrivalNanos() / last
              : (double) request.index() / Math.max(1, requests.size() - 1);
      moved.add(
          new Request(
              request.index(),
              Math.round(share * wanted),
              request.model(),
              request.prompt(),
              request.outputTokens(),
              request.client()));
    }
    return new Workload(moved);
  }
}
