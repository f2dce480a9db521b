package dev.tutti.fleet;

import dev.tutti.core.ModelName;
import java.util.HashMap;
import java.util.Map;

/// How fast a backend usually is with each model, to notice when it is not. Owner loop only.
///
/// An answer counts as slow only if it is slow by itself and together with those beside it: a crowd
/// makes each slower and all together faster, and an empty room the other way round.
final class UsualSpeeds {
  private final Map<ModelName, Usual> byModel = new HashMap<>();

  private static final class Usual {
    private double alone;
    private double together;
    private int known;
    private int slow;
  }

  /// Takes in an answer.
  ///
  /// @param tokensPerSecond of this answer
  /// @param beside answers that ran at its end, itself included
  /// @return whether it is one slow answer too many
  boolean isTooSlow(ModelName model, double tokensPerSecond, int beside) {
    if (!byModel.containsKey(model) && byModel.size() >= LivenessLimits.MAX_SPEEDS) {
      return false;
    }
    Usual usual = byModel.computeIfAbsent(model, _ -> new Usual());
    double all = tokensPerSecond * beside;
    boolean slow =
        usual.known >= LivenessLimits.SPEED_KNOWN_AFTER
            && tokensPerSecond < usual.alone * LivenessLimits.SLOW_SHARE
            && all < usual.together * LivenessLimits.SLOW_SHARE;
    double weight =
        usual.known == 0 ? 1 : Math.max(1.0 / (usual.known + 1), LivenessLimits.SPEED_WEIGHT);
    usual.alone += (tokensPerSecond - usual.alone) * weight;
    usual.together += (all - usual.together) * weight;
    usual.known++;
    usual.slow = slow ? usual.slow + 1 : 0;
    boolean tooSlow = usual.slow >= LivenessLimits.SLOW_IN_A_ROW;
    if (tooSlow) {
      usual.slow = 0;
    }
    return tooSlow;
  }
}
