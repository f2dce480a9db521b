package dev.tutti.bench.chaos;

import dev.tutti.bench.Options;
import dev.tutti.testkit.chaos.Lan;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `tutti bench chaos [--goals avoid,death,storm,poison] [--faults N] [--kills N] [--minutes N]
/// [--ill N,N] [--poisons N] [--seed N]`.
public final class ChaosBench {
  private static final String ALL = "avoid,death,storm,poison";

  private ChaosBench() {}

  /// Prints tables.
  ///
  /// @return whether all the goals are met
  public static boolean run(List<String> words) {
    var options =
        new Options(
            words,
            Set.of("--goals", "--faults", "--kills", "--minutes", "--ill", "--poisons", "--seed"));
    long seed = (long) options.number("--seed", 1);
    Optional<String> missing = Lan.whyMissing();
    missing.ifPresent(why ->
        System.out.println("Without cables, all on this machine, nothing is unplugged: " + why));
    boolean lan = missing.isEmpty();
    boolean good = true;
    for (String goal : options.list("--goals", ALL)) {
      good &=
          switch (goal) {
            case "avoid" -> new Avoidance((int) options.number("--faults", 200), seed, lan).run();
            case "death" -> new Deaths((int) options.number("--kills", 30), seed, lan).run();
            case "storm" -> storms(options, seed);
            case "poison" -> new Poison((int) options.number("--poisons", 5), seed, lan).run();
            default ->
                throw new IllegalArgumentException(
                    "--goals: " + goal + " (expected: some of " + ALL + ")");
          };
    }
    return good;
  }

  private static boolean storms(Options options, long seed) {
    boolean good = true;
    for (String ill : options.list("--ill", "20,40")) {
      good &= new Storm(options.number("--minutes", 3), Integer.parseInt(ill), seed).run();
    }
    return good;
  }
}
