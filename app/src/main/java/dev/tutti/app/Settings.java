package dev.tutti.app;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.PeerAddress;
import dev.tutti.dispatch.DispatchLimits;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.RoutingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// Everything an owner can set about a hub. Built in the order default < file < environment < flag.
///
/// @param host where 8765, 8766 and 8767 listen: loopback, or every address with `lan`
/// @param port people and clients; 0 takes any free port
/// @param nodePort agents
/// @param grpcPort clients of gRPC
/// @param lan whether others on the network may come in: needs a key
/// @param discover whether engines and agents are searched for and the hub announced
/// @param strategy how backends are ranked
/// @param queueTtl the longest wait in the queue unless a request says otherwise
/// @param queueLimit the most tasks that wait
/// @param silence how long an engine may be silent
/// @param backends engines to use, in the words of `--backend`
/// @param demo whether simulated engines are started
/// @param nodeName what this machine is called in the mesh; empty: its host name
/// @param web TLS, and pages of other origins
/// @param loadRules how models are held in memory
/// @param hedge whether late embeddings and classifications are given to a second machine as well
/// @param auto which models answer requests that name none
/// @param policy who may do what
/// @param access trust and money
record Settings(
    String host,
    int port,
    int nodePort,
    int grpcPort,
    boolean lan,
    boolean discover,
    StrategyName strategy,
    Duration queueTtl,
    int queueLimit,
    Silence silence,
    List<String> backends,
    boolean demo,
    String nodeName,
    Web web,
    LoadRules loadRules,
    boolean hedge,
    AutoChoice auto,
    Policy policy,
    AccessRules access) {

  /// What holds when nobody says anything.
  static final Settings DEFAULTS =
      new Settings(
          "127.0.0.1",
          8765,
          8766,
          8767,
          false,
          true,
          StrategyName.PREDICTIVE,
          Duration.ofSeconds(30),
          512,
          new Silence(DispatchLimits.DEFAULT.firstEvent(), DispatchLimits.DEFAULT.idle()),
          List.of(),
          false,
          "",
          Web.PLAIN,
          LoadRules.NONE,
          false,
          AutoChoice.NONE,
          Policy.NONE,
          AccessRules.NONE);

  Settings {
    checkPort("port", port);
    checkPort("node-port", nodePort);
    checkPort("grpc-port", grpcPort);
    if (queueLimit < 0 || queueLimit > 100_000) {
      throw new IllegalArgumentException("queue.limit: " + queueLimit + " (expected: 0 to 100000)");
    }
    if (queueTtl.isNegative() || queueTtl.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("queue.ttl: " + queueTtl + " (expected: 0 s to 24 h)");
    }
    backends = List.copyOf(backends);
  }

  /// What those need who come to the ports for clients: nothing only where nobody but this machine
  /// can come.
  Doorkeeper.Door door() {
    boolean here = PeerAddress.of(host).filter(PeerAddress::isLoopback).isPresent();
    return !lan && (here || host.equals("localhost"))
        ? Doorkeeper.Door.OPEN
        : Doorkeeper.Door.KEYED;
  }

  /// The bounds of dispatch: the usual ones but for what an owner can set.
  DispatchLimits dispatchLimits() {
    DispatchLimits usual = DispatchLimits.DEFAULT;
    return new DispatchLimits(
        queueLimit, usual.maxAttempts(), silence.first(), silence.between(), usual.finishedKept());
  }

  /// The same with other engines, under other rules.
  Settings with(StrategyName other, List<String> engines, Policy rules) {
    return new Settings(
        host,
        port,
        nodePort,
        grpcPort,
        lan,
        discover,
        other,
        queueTtl,
        queueLimit,
        silence,
        engines,
        demo,
        nodeName,
        web,
        loadRules,
        hedge,
        auto,
        rules,
        access);
  }

  /// The same with another certificate.
  Settings with(Web other) {
    return new Settings(
        host,
        port,
        nodePort,
        grpcPort,
        lan,
        discover,
        strategy,
        queueTtl,
        queueLimit,
        silence,
        backends,
        demo,
        nodeName,
        other,
        loadRules,
        hedge,
        auto,
        policy,
        access);
  }

  private static void checkPort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(name + ": " + port + " (expected: 0 to 65535)");
    }
  }

  /// How long an engine may be silent before it counts as stalled.
  ///
  /// @param first from an attempt's start to its first piece
  /// @param between from one piece to the next
  record Silence(Duration first, Duration between) {
    Silence {
      checkSilence("first", first);
      checkSilence("between", between);
    }

    private static void checkSilence(String name, Duration given) {
      if (!given.isPositive() || given.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException(
            "silence." + name + ": " + given + " (expected: more than 0 s, at most 24 h)");
      }
    }
  }

  /// The strategies an owner can name.
  enum StrategyName {
    PREDICTIVE,
    PRIORITY,
    ECHO,
    LEAST_BUSY,
    ROUND_ROBIN;

    String wireName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The strategy itself.
    RoutingStrategy strategy() {
      return switch (this) {
        case PREDICTIVE -> RoutingStrategy.predictive();
        case PRIORITY -> RoutingStrategy.priority();
        case ECHO -> RoutingStrategy.echo();
        case LEAST_BUSY -> RoutingStrategy.leastBusy();
        case ROUND_ROBIN -> RoutingStrategy.roundRobin();
      };
    }

    static StrategyName of(String text) {
      for (StrategyName name : values()) {
        if (name.wireName().equals(text)) {
          return name;
        }
      }
      throw new IllegalArgumentException(
          "strategy: "
              + text
              + " (expected: predictive, priority, echo, least-busy or round-robin)");
    }
  }
}
