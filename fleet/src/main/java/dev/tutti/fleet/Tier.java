package dev.tutti.fleet;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// What a kind of machine can do for a language model, roughly: what is expected of it before it
/// has shown anything.
///
/// Writing a token reads the whole model from memory once, so it is bound by memory bandwidth;
/// reading a prompt is bound by arithmetic. Bandwidths are the makers' data sheets; the arithmetic
/// is set so that llama.cpp's published figures for a 7B model come out about right.
///
/// @param name for people
/// @param gigabytesPerSecond memory bandwidth
/// @param teraflops what reading a prompt really gets out of it
/// @param sharing how much longer a token takes for each further attempt at the same time, as a
///   share of the time alone: near 0 where arithmetic is plenty, near 1 where there is none to
///   spare
public record Tier(String name, double gigabytesPerSecond, double teraflops, double sharing) {
  /// A machine of which nothing is known.
  public static final Tier UNKNOWN = new Tier("unknown", 80, 2, 0.4);

  private static final Tier CPU = new Tier("CPU", 40, 0.5, 0.8);

  private record Sample(Pattern name, Tier tier) {}

  /// The first that is found in the names of GPU and CPU counts: the narrow ones come first.
  private static final List<Sample> KNOWN =
      List.of(
          apple("m[1-5] ultra", 800, 22),
          apple("m4 max", 500, 14),
          apple("m[1235] max", 400, 12),
          apple("m4 pro", 273, 7),
          apple("m[1235] pro", 200, 5.5),
          apple("m4", 120, 3.5),
          apple("m[35]", 100, 3),
          apple("m2", 100, 2.9),
          apple("m1", 68, 1.9),
          gpu("rtx 50[789]0", 1_200, 90),
          gpu("rtx 4090", 1_000, 80),
          gpu("rtx 40[678]0", 500, 40),
          gpu("rtx 3090", 930, 45),
          gpu("rtx 30[678]0", 450, 25),
          gpu("rtx|tesla|nvidia", 350, 20),
          gpu("a100|h100|h200|l40", 1_500, 150),
          gpu("radeon|rx [67]", 400, 20),
          sample("raspberry|cortex", new Tier("Pi", 12, 0.06, 0.9)),
          sample("intel|amd|xeon|ryzen|epyc|core", CPU));

  private static Sample apple(String name, double bandwidth, double teraflops) {
    return sample("apple.*" + name, new Tier("Apple silicon", bandwidth, teraflops, 0.35));
  }

  private static Sample gpu(String name, double bandwidth, double teraflops) {
    return sample(name, new Tier("GPU", bandwidth, teraflops, 0.1));
  }

  private static Sample sample(String name, Tier tier) {
    return new Sample(Pattern.compile(name), tier);
  }

  /// The tier of a machine, by the names of its GPU and its processor.
  public static Tier of(Hardware hardware) {
    for (String name : List.of(hardware.gpu(), hardware.cpu())) {
      String lower = name.toLowerCase(Locale.ROOT);
      for (Sample sample : KNOWN) {
        if (!lower.isEmpty() && sample.name().matcher(lower).find()) {
          return sample.tier();
        }
      }
    }
    return hardware.equals(Hardware.UNKNOWN) || hardware.cores() == 0 ? UNKNOWN : CPU;
  }

  /// Milliseconds to write one token with a model of so many bytes.
  public double decodeMillis(double modelBytes) {
    return modelBytes / (0.8 * gigabytesPerSecond * 1e9) * 1e3;
  }

  /// Milliseconds to read one token of a prompt with a model of so many bytes: two operations for
  /// each parameter, of which four-bit weights hold about 1.7 in a byte.
  public double prefillMillis(double modelBytes) {
    return 2 * 1.7 * modelBytes / (teraflops * 1e12) * 1e3;
  }
}
