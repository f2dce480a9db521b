package dev.tutti.bench.liveness;

import java.util.random.RandomGenerator;

/// How the way between an agent and its hub stalls: what is sent meanwhile comes at the end of the
/// stall, all at once. An agent has two connections; some stalls stop both.
///
/// @param name for people
/// @param perHour how many begin in an hour, on each connection
/// @param median half of them last longer, in seconds
/// @param sigma of the logarithm of their length
/// @param shared the share of them that stop the other connection, too
/// @param jitter standard deviation of a heartbeat's time to get there, in seconds
record Stalls(
    String name, double perHour, double median, double sigma, double shared, double jitter) {
  /// Few machines' cables are worse.
  static final Stalls WIRED = new Stalls("wired", 1, 0.8, 1, 0.025, 0.005);

  /// A crowded house with one access point.
  static final Stalls BAD_WIFI = new Stalls("bad Wi-Fi", 6, 1.2, 1, 0.025, 0.05);

  /// The same with another share of stalls that stop both connections.
  Stalls sharing(double share) {
    return new Stalls(name, perHour, median, sigma, share, jitter);
  }

  /// Seconds to the next one.
  double gap(RandomGenerator random) {
    return -Math.log(1 - random.nextDouble()) * 3_600 / perHour;
  }

  /// Seconds that one lasts.
  double length(RandomGenerator random) {
    return median * Math.exp(sigma * random.nextGaussian());
  }
}
