package dev.tutti.backends;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/// An exchange whose request's body comes in pieces, of any length in all. Owner loop only.
public interface Upload extends Transport.Exchange {
  /// Sends a piece. The next one may come when the future has succeeded: until then this one is in
  /// memory. It may never complete once the exchange has ended.
  Future<Void> write(Buffer piece);

  /// The body is complete.
  void end();
}
