package dev.tutti.dispatch;

/// What was thought of a task before it came here. It decides something for virtual models only.
///
/// @param difficulty how hard it is
/// @param words how its type and its difficulty were found, for people: `type code by fences; hard
///   by length`; empty where nobody looked
public record Appraisal(Difficulty difficulty, String words) {
  /// Nobody looked.
  public static final Appraisal NONE = new Appraisal(Difficulty.USUAL, "");
}
