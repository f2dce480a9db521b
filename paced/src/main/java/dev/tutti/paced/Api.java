package dev.tutti.paced;

/// A group of paths that belong together.
interface Api {
  /// Answers, or begins to, if the path is one of this group; false if it is not.
  boolean handle(Exchange exchange);
}
