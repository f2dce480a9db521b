package dev.tutti.bench.liveness;

import dev.tutti.testkit.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// `tutti bench liveness [--seed N] [--days N]`: false verdicts and the time to true ones.
public final class LivenessBench {
  private static final int DAYS = 10_000;
  private static final int PAUSES = 1_000;
  private static final int DEATHS = 1_000;

  /// False verdicts that are allowed in a hundred days of a wired machine.
  private static final double GOAL = 1;

  private LivenessBench() {}

  /// Prints a table.
  ///
  /// @return whether the goals are met
  public static boolean run(List<String> words) {
    long seed = option(words, "--seed", 1);
    int days = (int) option(words, "--days", DAYS);
    System.out.printf("seed %d. False verdicts against a living machine, by 24 h of it:%n%n", seed);
    System.out.printf(
        "| %-34s | %9s | %12s | %12s | %16s |%n|---|---|---|---|---|%n",
        "stalls", "node-days", "suspect/day", "down/100 days", "hash");
    boolean good = days(Stalls.WIRED, days, seed) <= GOAL;
    days(Stalls.WIRED.sharing(0), days / 10, seed);
    days(Stalls.WIRED.sharing(0.1), days / 10, seed);
    days(Stalls.WIRED.sharing(1), days / 10, seed);
    days(Stalls.BAD_WIFI, days / 10, seed);
    var again = NodeDays.run(Stalls.WIRED, days / 10, new Seed(seed).random());
    boolean same =
        again.hash() == NodeDays.run(Stalls.WIRED, days / 10, new Seed(seed).random()).hash();
    System.out.printf("%nThe same seed again: %s%n%n", same ? "equal bit by bit" : "DIFFERENT");
    for (int seconds : new int[] {1, 10, 60}) {
      var paused = Pauses.run(PAUSES, Duration.ofSeconds(seconds), new Seed(seed).random());
      System.out.printf(
          "observer stopped %2d s, %d times, 4 agents and 4 engines: %d suspects, %d down%n",
          seconds, PAUSES, paused.suspects(), paused.downs());
      good &= paused.downs() == 0;
    }
    System.out.printf(
        "%nTrue deaths, seconds from death to verdict:%n%n| %-24s | %12s | %12s | %10s | %10s"
            + " |%n|---|---|---|---|---|%n",
        "death of an agent", "suspect p50", "suspect p99", "down p50", "down p99");
    deaths("killed (connection closes)", Agent::crash, seed);
    deaths("switched off (silence)", Agent::vanish, seed);
    return good && same;
  }

  private static double days(Stalls model, int days, long seed) {
    var found = NodeDays.run(model, days, new Seed(seed).random());
    double downs = 100 * found.perDay(found.downs());
    System.out.printf(
        Locale.ROOT,
        "| %-34s | %9d | %12.2f | %12.2f | %016x |%n",
        "%s, %.1f %% shared".formatted(model.name(), 100 * model.shared()),
        found.days(),
        found.perDay(found.suspects()),
        downs,
        found.hash());
    return downs;
  }

  private static void deaths(String name, Consumer<Agent> death, long seed) {
    var delays = Deaths.run(DEATHS, Stalls.WIRED, death, new Seed(seed).random());
    System.out.printf(
        Locale.ROOT,
        "| %-24s | %12.2f | %12.2f | %10.2f | %10.2f |%n",
        name,
        Deaths.Delays.quantile(delays.suspect(), 0.5),
        Deaths.Delays.quantile(delays.suspect(), 0.99),
        Deaths.Delays.quantile(delays.down(), 0.5),
        Deaths.Delays.quantile(delays.down(), 0.99));
  }

  private static long option(List<String> words, String name, long otherwise) {
    int at = words.indexOf(name);
    return at >= 0 && at + 1 < words.size() ? Long.parseLong(words.get(at + 1)) : otherwise;
  }
}
