package dev.tutti.dispatch;

import java.util.Optional;

/// Knows what a client has of an answer, so that another engine can go on with it when the first
/// one breaks off. Owner loop only.
///
/// @param <W> the work
public interface Continuable<W> {
  /// The work that asks for the rest of the answer, when it broke off now; empty where the rest
  /// would not fit exactly to what the client has.
  Optional<Rest<W>> rest();

  /// An attempt begins that goes on with the answer: what it brings belongs behind what is there.
  void continued(Assignment assignment);

  /// An answer of which nobody can make the rest.
  static <W> Continuable<W> never() {
    return new Continuable<>() {
      @Override
      public Optional<Rest<W>> rest() {
        return Optional.empty();
      }

      @Override
      public void continued(Assignment assignment) {
        throw new IllegalStateException("continued: never (expected: an answer with a rest)");
      }
    };
  }

  /// What is still to be done.
  ///
  /// @param work asks for the rest only
  /// @param given what the answer cost up to here
  /// @param <W> the work
  record Rest<W>(W work, AnswerUsage given) {
    /// What the whole answer cost when its last part cost so much, whose prompt held the first
    /// part.
    AnswerUsage inAll(AnswerUsage last) {
      boolean known = given.promptTokens() > 0;
      return new AnswerUsage(
          known ? given.promptTokens() : Math.max(0, last.promptTokens() - given.outputTokens()),
          known ? given.cachedTokens() : last.cachedTokens(),
          given.outputTokens() + last.outputTokens(),
          given.loadNanos() + last.loadNanos(),
          given.promptNanos() + last.promptNanos(),
          given.outputNanos() + last.outputNanos());
    }
  }
}
