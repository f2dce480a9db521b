package dev.tutti.link.agent;

import dev.tutti.backends.Transport;
import dev.tutti.link.LinkLimits;
import io.vertx.core.Future;
import java.util.function.Supplier;

/// An engine on this machine that is up and offered to the hub.
///
/// @param transport how it is reached; called on the owner's loop
/// @param slots streams held open for it
/// @param idle asks the engine whether it can take work; used after a cancelled exchange
public record LocalBackend(Transport transport, int slots, Supplier<Future<Boolean>> idle) {
  /// Checks the range.
  public LocalBackend {
    if (slots < 1 || slots > LinkLimits.MAX_SLOTS_PER_NODE) {
      throw new IllegalArgumentException(
          "slots: " + slots + " (expected: 1 to " + LinkLimits.MAX_SLOTS_PER_NODE + ")");
    }
  }
}
