package dev.tutti.gateway;

import dev.tutti.access.Rights;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.dialects.Conversation;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.TaskType;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a client asks of the mesh itself, beside the work: the `x-tutti-…` request headers.
///
/// @param type what kind of work, when the client says
/// @param priority 0 to 9, 9 first
/// @param ttl the longest wait in the queue
/// @param node the node it must run on, if any
/// @param substitute whether another model may answer
/// @param local whether it must not leave the owner's own machines
/// @param session what a header says ties a conversation together, empty when none does
/// @param hops the hubs it has been through, empty when it comes from a client
record TaskWishes(
    Optional<TaskType> type,
    int priority,
    Duration ttl,
    Optional<NodeId> node,
    boolean substitute,
    boolean local,
    String session,
    String hops) {
  /// The priority of who asks for none.
  static final int DEFAULT_PRIORITY = 5;

  /// The longest wait in the queue that can be asked for.
  static final Duration MAX_TTL = Duration.ofMinutes(10);

  /// The longest session name, in characters.
  static final int MAX_SESSION_CHARS = 256;

  /// Our own header first, then those that known clients send anyway.
  private static final List<String> SESSION_HEADERS =
      List.of(
          "x-tutti-session",
          "x-claude-code-session-id",
          "x-session-affinity",
          "x-session-id",
          "session-id",
          "thread-id");

  /// The longest list of hubs, in characters: more hubs than that is a loop.
  static final int MAX_HOPS_CHARS = 512;

  /// Reads the headers.
  ///
  /// @param usualTtl the longest wait of who asks for none
  /// @throws MeshException `INVALID_REQUEST` for a value that cannot be meant
  static TaskWishes of(Exchange exchange, Duration usualTtl) {
    return new TaskWishes(
            exchange.header("x-tutti-type").map(TaskWishes::type),
            exchange.header("x-tutti-priority").map(TaskWishes::priority).orElse(DEFAULT_PRIORITY),
            exchange.header("x-tutti-ttl-ms").map(TaskWishes::ttl).orElse(usualTtl),
            exchange.header("x-tutti-node").map(TaskWishes::node),
            exchange.header("x-tutti-substitute").map(TaskWishes::substitute).orElse(false),
            exchange.header("x-tutti-privacy").map(TaskWishes::isLocal).orElse(false),
            session(exchange),
            hops(exchange))
        .within(exchange.who().rights());
  }

  /// The same, cut down to what the key of who asks allows.
  TaskWishes within(Rights rights) {
    return new TaskWishes(
        type,
        Math.min(priority, rights.maxPriority()),
        ttl,
        node,
        substitute,
        local || rights.local(),
        session,
        hops);
  }

  /// The same on that node.
  TaskWishes on(NodeId pinned) {
    return new TaskWishes(
        type, priority, ttl, Optional.of(pinned), substitute, local, session, hops);
  }

  /// The same wishes for a count of tokens, which cannot wait.
  TaskWishes toCount() {
    return new TaskWishes(
        Optional.of(TaskType.COUNT),
        priority,
        Duration.ZERO,
        node,
        substitute,
        local,
        session,
        hops);
  }

  /// What ties the work's conversation together: what a header says, else what the body says, else
  /// what can be seen of the conversation itself. The first two are names that clients give, so
  /// they mean something within one principal only; the third is the same for whoever has the same
  /// conversation, and so is what an engine's cache holds of it.
  static String session(String principal, String header, String body, Work work) {
    String given = header.isEmpty() ? body : header;
    if (given.isEmpty() || given.length() > MAX_SESSION_CHARS) {
      return Conversation.nameOf(work);
    }
    return principal.isEmpty() ? given : principal + "/" + given;
  }

  /// A type by its name.
  static TaskType type(String value) {
    return TaskType.of(value.toLowerCase(Locale.ROOT))
        .orElseThrow(() -> wrong("x-tutti-type", "chat, code, vision, embed, …"));
  }

  /// A difficulty by its name.
  static Difficulty difficulty(String value) {
    return Difficulty.of(value.toLowerCase(Locale.ROOT))
        .orElseThrow(() -> wrong("difficulty", "simple, usual or hard"));
  }

  /// A node by its name.
  static NodeId node(String value) {
    try {
      return new NodeId(value);
    } catch (IllegalArgumentException _) {
      throw wrong("x-tutti-node", "the name of a node");
    }
  }

  /// A waiting time in milliseconds.
  static Duration ttl(long millis) {
    if (millis < 0 || millis > MAX_TTL.toMillis()) {
      throw wrong("x-tutti-ttl-ms", "0 to " + MAX_TTL.toMillis());
    }
    return Duration.ofMillis(millis);
  }

  private static Duration ttl(String value) {
    try {
      return ttl(Long.parseLong(value));
    } catch (NumberFormatException _) {
      throw wrong("x-tutti-ttl-ms", "0 to " + MAX_TTL.toMillis());
    }
  }

  private static int priority(String value) {
    if (value.length() != 1 || value.charAt(0) < '0' || value.charAt(0) > '9') {
      throw wrong("x-tutti-priority", "0 to 9");
    }
    return value.charAt(0) - '0';
  }

  private static boolean substitute(String value) {
    return switch (value) {
      case "allow" -> true;
      case "deny" -> false;
      default -> throw wrong("x-tutti-substitute", "allow or deny");
    };
  }

  private static boolean isLocal(String value) {
    return switch (value) {
      case "local" -> true;
      case "any" -> false;
      default -> throw wrong("x-tutti-privacy", "local or any");
    };
  }

  private static String hops(Exchange exchange) {
    String hops = exchange.header("x-tutti-hop").orElse("");
    if (hops.length() > MAX_HOPS_CHARS) {
      throw wrong("x-tutti-hop", "at most " + MAX_HOPS_CHARS + " characters");
    }
    return hops;
  }

  /// A session that cannot be used is none: it only helps to choose.
  private static String session(Exchange exchange) {
    return SESSION_HEADERS.stream()
        .flatMap(name -> exchange.header(name).stream())
        .findFirst()
        .filter(value -> value.length() <= MAX_SESSION_CHARS)
        .orElse("");
  }

  /// Names the header and what it may be, not what was sent.
  private static MeshException wrong(String header, String expected) {
    return Refusals.invalid(header + ": not understood (expected: " + expected + ")");
  }
}
