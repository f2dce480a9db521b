package dev.tutti.fleet;

import java.time.Duration;

/// Every threshold by which a machine or an engine is trusted or not. See the module's `design.md`.
public final class LivenessLimits {
  /// How often an agent sends a heartbeat; gaps that are shorter count as this.
  public static final Duration HEARTBEAT = Duration.ofSeconds(1);

  /// From this suspicion on, in tenfolds of improbability, silence is suspect.
  public static final double PHI = 8;

  /// So many standard deviations beyond the mean a gap of suspicion {@link #PHI} is.
  static final double PHI_SIGMAS = 5.612;

  /// No machine's heartbeats are taken to be steadier than this.
  public static final Duration LEAST_SIGMA = Duration.ofMillis(100);

  /// A pause beyond the mean gap that nobody is blamed for.
  public static final Duration PAUSE = Duration.ofSeconds(1);

  /// However unsteady the heartbeats are, silence for longer is suspect.
  public static final Duration LONGEST_TRUST = Duration.ofSeconds(5);

  /// Gaps between heartbeats that are remembered of each machine.
  public static final int GAPS = 32;

  /// An engine that was asked and has said nothing since its last answer for so long is suspect.
  public static final Duration QUIET = Duration.ofMillis(2_500);

  /// Refused probes in a row that prove a suspect to be down.
  public static final int REFUSALS = 3;

  /// The time in which a suspect is probed {@link #REFUSALS} times, and a lost connection to an
  /// agent may be made anew.
  public static final Duration PROBES_WITHIN = Duration.ofSeconds(1);

  /// A suspect that is silent for longer is down. With the time between two looks, and until the
  /// work is somewhere else, that makes less than 8 s.
  public static final Duration SILENCE = Duration.ofMillis(7_600);

  /// Bytes of an answer are a proof of life for so long.
  public static final Duration PROOF_OF_LIFE = Duration.ofSeconds(2);

  /// Of the pieces of a backend's answers one in this time is told as a sign of life.
  public static final Duration SIGN_EVERY = Duration.ofMillis(250);

  /// What has been down for longer is offline: nobody expects it back soon.
  public static final Duration OFFLINE_AFTER = Duration.ofMinutes(3);

  /// Bad answers to probes in a row that make a backend count as down; one less makes it suspect.
  public static final int FALL = 3;

  /// Good answers to probes in a row that bring back a backend that was down.
  public static final int RISE = 2;

  /// Failed attempts of the soft kind in a row that make a backend suspect.
  public static final int SOFT = 2;

  /// A fall that comes so soon after a return is a flap.
  public static final Duration FLAP_WITHIN = Duration.ofMinutes(2);

  /// What has flapped is held back for so long when it returns, and twice as long each next time.
  public static final Duration FLAP_FIRST = Duration.ofSeconds(5);

  /// The longest such time.
  public static final Duration FLAP_LONGEST = Duration.ofMinutes(5);

  /// How long an attempt's failure weighs more than the agent's own word that its engine is well.
  public static final Duration EVIDENCE_HOLDS = Duration.ofSeconds(3);

  /// Answers that were silent together that make their engine gray.
  public static final int MUTE_STREAMS = 2;

  /// An answer that began is silent when no piece came for so long, or for {@link #MUTE_GAPS}.
  public static final Duration MUTE = Duration.ofSeconds(5);

  /// The same in usual gaps between two pieces.
  public static final int MUTE_GAPS = 20;

  /// An answer is slow when it comes at less than this share of the engine's usual speed.
  public static final double SLOW_SHARE = 0.3;

  /// Slow answers of one model in a row that make their engine gray.
  public static final int SLOW_IN_A_ROW = 3;

  /// Answers after which an engine's usual speed is known.
  public static final int SPEED_KNOWN_AFTER = 8;

  /// What one answer weighs in an engine's usual speed.
  public static final double SPEED_WEIGHT = 0.1;

  /// Models of one backend whose usual speed is known; those of others are not looked at.
  public static final int MAX_SPEEDS = 64;

  /// How long a gray engine is left alone, times how often it was gray.
  public static final Duration EJECTED = Duration.ofSeconds(30);

  /// The longest such time.
  public static final Duration EJECTED_LONGEST = Duration.ofMinutes(5);

  /// An engine that was good for so long was never gray.
  public static final Duration EJECTION_FORGOTTEN = Duration.ofMinutes(10);

  /// From its first good answer on a gray engine gets all of its slots back in this time.
  public static final Duration SLOW_START = Duration.ofSeconds(30);

  /// The share of its slots with which it begins, in hundredths, and the steps in which it grows.
  public static final int FIRST_SHARE = 10;

  /// An owner loop that is later than this doubts itself.
  public static final Duration LAG = Duration.ofMillis(200);

  /// More than this share of all that is watched falling silent together is our own fault.
  public static final double MANY = 0.5;

  /// The time in which that counts as together.
  public static final Duration TOGETHER = Duration.ofSeconds(2);

  /// Of fewer than this it says nothing that most of them are silent.
  public static final int FEWEST = 3;

  /// The most that doubt stretches a timeout.
  public static final int MOST_DOUBT = 8;

  /// Doubt halves when nothing has fed it for so long.
  public static final Duration DOUBT_FADES = Duration.ofSeconds(5);

  /// How often the registry looks at the clock while anybody is watched.
  public static final Duration SWEEP_EVERY = Duration.ofMillis(250);

  private LivenessLimits() {}
}
