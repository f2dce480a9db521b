package dev.tutti.dispatch;

import dev.tutti.core.Failure;

/// Hears one attempt. After {@link #done} or {@link #failed} nothing more comes. Owner loop only.
///
/// @param <E> a piece of an answer
public interface AttemptListener<E> {
  /// A piece of the answer that matters to the client: content, reasoning, tool call, finish,
  /// usage.
  void event(E event);

  /// The engine finished its answer properly.
  void done(AnswerUsage usage);

  /// The attempt failed; the failure says whether the engine may have acted.
  void failed(Failure failure);
}
