package dev.tutti.bench.durable;

import java.io.IOException;
import java.util.List;

/// `durable`: deaths of the hub, simulated and real, and what became of everything that clients had
/// been told.
public final class Durable {
  private static final int SIMULATED = 10_000;
  private static final int KILLS = 200;
  private static final long SEED = 1;

  private Durable() {}

  /// Runs `[--kills n] [--simulated n] [--seed n]`.
  ///
  /// @return whether nothing was wrong
  public static boolean run(List<String> words) throws IOException, InterruptedException {
    int kills = (int) number(words, "--kills", KILLS);
    int simulated = (int) number(words, "--simulated", SIMULATED);
    long seed = number(words, "--seed", SEED);
    boolean well = true;
    if (simulated > 0) {
      Tally tally = KillPoints.run(simulated, seed);
      tally.print("simulated kill points, seed " + seed);
      well = tally.faults().isEmpty();
    }
    if (kills > 0) {
      Tally tally = RealKills.run(kills, seed);
      tally.print("kill -9 of a hub, seed " + seed);
      well &= tally.faults().isEmpty();
    }
    return well;
  }

  private static long number(List<String> words, String name, long usual) {
    int at = words.indexOf(name);
    return at >= 0 && at + 1 < words.size() ? Long.parseLong(words.get(at + 1)) : usual;
  }
}
