package dev.tutti.dispatch;

/// One turn of the owner loop. Calls from outside may nest, since a listener may answer a call with
/// a call; what has to see a settled state runs once, at the end of the outermost.
final class Turn {
  private final Runnable atEnd;
  private int depth;

  Turn(Runnable atEnd) {
    this.atEnd = atEnd;
  }

  void enter() {
    depth++;
  }

  void leave() {
    try {
      if (depth == 1) {
        atEnd.run();
      }
    } finally {
      depth--;
    }
  }
}
