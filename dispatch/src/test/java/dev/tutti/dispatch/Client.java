package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A client that remembers what it was told.
final class Client implements TaskListener<String> {
  final List<String> pieces = new ArrayList<>();
  final List<Assignment> assignments = new ArrayList<>();
  int position;
  int timesQueued;
  long heldBytes;
  @Nullable WaitEstimate expected;
  int ends;
  boolean done;
  @Nullable Failure failure;

  /// Whether it named its request.
  boolean mayBeDoneTwice;

  /// Whether its pieces are written on at once.
  boolean writes = true;

  @Override
  public void queued(int position) {
    this.position = position;
    timesQueued++;
  }

  @Override
  public void queued(int position, WaitEstimate expected) {
    this.expected = expected;
    queued(position);
  }

  @Override
  public long heldBytes() {
    return heldBytes;
  }

  @Override
  public void assigned(Assignment assignment) {
    assignments.add(assignment);
    pieces.clear();
  }

  @Override
  public boolean mayBeDoneTwice() {
    return mayBeDoneTwice;
  }

  @Override
  public boolean event(String event) {
    pieces.add(event);
    return writes;
  }

  @Override
  public void done(AnswerUsage usage) {
    ends++;
    done = true;
  }

  @Override
  public void failed(Failure failure) {
    ends++;
    this.failure = failure;
  }

  Failure whyNot() {
    Failure why = failure;
    if (why == null) {
      throw new AssertionError("the task has not failed");
    }
    return why;
  }

  String where() {
    return assignments.getLast().backend().value();
  }
}
