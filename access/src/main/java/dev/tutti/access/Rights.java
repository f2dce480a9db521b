package dev.tutti.access;

import java.util.EnumSet;
import java.util.Set;

/// What a key lets its holder do. What a request asks for beyond it is cut down to it, or refused.
///
/// @param scopes what kinds of things
/// @param models which models may answer
/// @param tier the least trusted machines that may answer
/// @param quota how much
/// @param maxPriority the highest priority of its tasks, 0 to 9
/// @param local whether nothing of it may leave the owner's own network
/// @param weight its share where several keys want the same machines: 2 is twice that of 1
public record Rights(
    Set<Scope> scopes,
    Globs models,
    Tier tier,
    Quota quota,
    int maxPriority,
    boolean local,
    double weight) {
  /// Everything: whoever is at the hub's own machine while nobody needs a key.
  public static final Rights ALL =
      new Rights(EnumSet.allOf(Scope.class), Globs.ALL, Tier.GUEST, Quota.NONE, 9, false, 1);

  /// The smallest and largest weight.
  public static final double MIN_WEIGHT = 0.01;

  /// The largest weight.
  public static final double MAX_WEIGHT = 100;

  /// Checks the ranges and copies the set.
  public Rights {
    scopes = Set.copyOf(scopes);
    if (maxPriority < 0 || maxPriority > 9) {
      throw new IllegalArgumentException(
          "priority-max: " + maxPriority + " (expected: 0 to 9, 9 first)");
    }
    if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException(
          "weight: " + weight + " (expected: " + MIN_WEIGHT + " to " + MAX_WEIGHT + ")");
    }
  }

  /// Everything of these kinds, without bounds.
  public static Rights of(Set<Scope> scopes) {
    return new Rights(scopes, Globs.ALL, Tier.GUEST, Quota.NONE, 9, false, 1);
  }
}
