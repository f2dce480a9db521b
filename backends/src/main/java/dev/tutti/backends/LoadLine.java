package dev.tutti.backends;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;

/// Keeps the requests for one model in order where it matters: requests travel over connections of
/// their own, and one for a larger context that overtakes one for the smaller would make the engine
/// load the model to and fro. So whoever asks for another context than those on their way waits
/// until the engine has begun to answer them. Bounded by the engine's slots. Owner loop only.
final class LoadLine {
  /// A request in the line.
  interface Place {
    /// The context it asks for.
    int context();

    /// It may be sent.
    void go();
  }

  private final Set<Place> unheard = new HashSet<>();
  private final Queue<Place> waiting = new ArrayDeque<>();
  private int context;

  /// Lets a request go, now or later.
  void enter(Place place) {
    waiting.add(place);
    settle();
  }

  /// The engine answers the request, or nobody waits for it any more.
  void leave(Place place) {
    if (!unheard.remove(place)) {
      waiting.remove(place);
    }
    settle();
  }

  private void settle() {
    while (!waiting.isEmpty() && (unheard.isEmpty() || waiting.element().context() == context)) {
      Place next = waiting.remove();
      context = next.context();
      unheard.add(next);
      next.go();
    }
  }
}
