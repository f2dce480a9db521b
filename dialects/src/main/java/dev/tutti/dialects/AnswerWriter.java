package dev.tutti.dialects;

import dev.tutti.core.Failure;

/// Turns the deltas of one answer into the bytes one client expects. Stateful, one per answer, used
/// by one thread at a time. There is one kind for streams and one that gathers the whole.
public interface AnswerWriter {
  /// The answer's media type.
  String contentType();

  /// Whether deltas are written as they come; otherwise only {@link #end} gives bytes.
  boolean streams();

  /// Takes a delta.
  ///
  /// @return whole frames to be written now; empty when there is nothing to write yet
  /// @throws dev.tutti.core.MeshException when the answer cannot be told: it is too long to gather,
  ///   or a tool's arguments are no JSON
  byte[] delta(Delta delta);

  /// The good end: last frames, or the whole body.
  ///
  /// @throws dev.tutti.core.MeshException `BROKEN_STREAM`, when there was no finish: an end is
  ///   never made up
  byte[] end();

  /// A broken stream: the dialect's own error record. The connection must be broken after it.
  byte[] error(Failure failure);

  /// Bytes that tell a waiting client that its answer is still coming: they mean nothing in this
  /// dialect, wherever they stand between two frames, before the first one too.
  byte[] keepAlive();

  /// Forgets everything: the answer begins anew on another backend. Only before anything was
  /// written.
  void restart();
}
