package dev.tutti.access.audit;

import java.util.Optional;

/// Where everything that changes the mesh is written down.
@FunctionalInterface
public interface AuditLog {
  /// Nobody writes.
  AuditLog NONE = _ -> {};

  /// Hands an entry over to be written. Any thread; never blocks and never throws: trouble with the
  /// log is told to its owner by other ways.
  void record(AuditEntry entry);

  /// The newest signed head; empty before anything was signed. Any thread.
  default Optional<AuditHead> head() {
    return Optional.empty();
  }

  /// What the owner must know about the log; empty when all is well. Any thread.
  default String trouble() {
    return "";
  }
}
