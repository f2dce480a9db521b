package dev.tutti.gateway.classify;

import dev.tutti.dispatch.Appraisal;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.TaskType;

/// What was found out about a request.
///
/// @param type what kind of work it is
/// @param typeBy what told the type, in a word or two; never anything out of the request
/// @param sureness of the type, from 0 for a guess to 1 for certain
/// @param difficulty how hard it is
/// @param difficultyBy what told the difficulty, in the same way
public record Finding(
    TaskType type, String typeBy, double sureness, Difficulty difficulty, String difficultyBy) {
  /// From here on the rules are believed; below it somebody else may know better.
  public static final double SURE = 0.65;

  /// Whether the type is sure enough to go by.
  public boolean isSure() {
    return sureness >= SURE;
  }

  /// The same with a type that somebody else found.
  public Finding with(TaskType other, String by) {
    return new Finding(other, by, 1, difficulty, difficultyBy);
  }

  /// The same with a difficulty that somebody else found.
  public Finding with(Difficulty other, String by) {
    return new Finding(type, typeBy, sureness, other, by);
  }

  /// Type and difficulty and how they were found, for people: `type code by fences; hard by
  /// length`.
  public String words() {
    return "type "
        + type.wireName()
        + " by "
        + typeBy
        + "; "
        + difficulty.wireName()
        + " by "
        + difficultyBy;
  }

  /// What dispatch is told.
  public Appraisal appraisal() {
    return new Appraisal(difficulty, words());
  }
}
