package dev.tutti.link;

import java.time.Duration;
import java.util.Set;

/// Every bound of the link, with its unit in the name or the type.
public final class LinkLimits {
  /// Slots of one node in all: streams that it may hold open.
  public static final int MAX_SLOTS_PER_NODE = 512;

  /// Backends of one node.
  public static final int MAX_BACKENDS_PER_NODE = 64;

  /// Streams open at a time on one connection: every slot, and room for those just being reopened.
  public static final int MAX_STREAMS_PER_CONNECTION = MAX_SLOTS_PER_NODE + 64;

  /// Connections that a hub keeps open at a time, known nodes and strangers together.
  public static final int MAX_CONNECTIONS = 2_304;

  /// Connections at a time whose TLS handshake is not done: room for every machine that comes back
  /// when a hub was restarted.
  public static final int MAX_HANDSHAKES = 1_024;

  /// The same of one address.
  public static final int MAX_HANDSHAKES_PER_ADDRESS = 256;

  /// Connections of those at a time who showed no certificate that lets them work.
  public static final int MAX_STRANGERS = 64;

  /// The same of one address.
  public static final int MAX_STRANGERS_PER_ADDRESS = 16;

  /// One message, either way.
  public static final int MAX_MESSAGE_BYTES = 1024 * 1024;

  /// One message of a slot: a piece of a body and its frame, or a head.
  public static final int MAX_SLOT_MESSAGE_BYTES = 128 * 1024;

  /// What a peer may send on one stream before the reader has taken any of it.
  public static final int STREAM_WINDOW_BYTES = 128 * 1024;

  /// What a peer may send on one connection before any of it was taken.
  ///
  /// Twice what all slots' windows hold: the window is announced anew only when half of it was
  /// taken, so with less, stalled streams on all other slots could keep the last one from moving.
  public static final int CONNECTION_WINDOW_BYTES = 2 * MAX_SLOTS_PER_NODE * STREAM_WINDOW_BYTES;

  /// Bytes of one connection that wait for the network: above all that the streams' windows allow,
  /// so that those alone hold a writer back.
  public static final int MAX_UNSENT_BYTES = 2 * MAX_STREAMS_PER_CONNECTION * STREAM_WINDOW_BYTES;

  /// One HTTP/2 frame: a whole piece of a body fits.
  public static final int MAX_FRAME_BYTES = 80 * 1024;

  /// All headers of one call.
  public static final int MAX_HEADER_LIST_BYTES = 8 * 1024;

  /// Cancelled streams per {@link #RESET_WINDOW} before a connection counts as under attack.
  public static final int MAX_RESETS_PER_WINDOW = 8 * MAX_SLOTS_PER_NODE;

  /// The time over which resets are counted.
  public static final Duration RESET_WINDOW = Duration.ofSeconds(10);

  /// Pieces of one answer between the link's loop and the owner's.
  public static final int MAX_PIECES_IN_BETWEEN = 64;

  /// Bytes of one answer between the link's loop and the owner's; one piece may go beyond.
  public static final int MAX_BYTES_IN_BETWEEN = 128 * 1024;

  /// Messages on a pulse per second before its connection is closed.
  public static final int MAX_PULSE_MESSAGES_PER_SECOND = 64;

  /// Enrolment calls on one connection.
  public static final int MAX_ENROL_CALLS_PER_CONNECTION = 16;

  /// Enrolment and renewal calls on all connections per {@link #ENROL_WINDOW}: all that may wait
  /// for a human ask every two seconds, and there is room for as many again.
  public static final int MAX_ENROL_CALLS_PER_WINDOW = 4_096;

  /// The time over which enrolment calls are counted.
  public static final Duration ENROL_WINDOW = Duration.ofMinutes(1);

  /// One message of an enrolment or a renewal.
  public static final int MAX_ENROL_MESSAGE_BYTES = 8 * 1024;

  /// Request bodies that an agent holds in memory at a time, over all its slots, in bytes.
  public static final long MAX_BODY_BYTES_IN_MEMORY = 256L * 1024 * 1024;

  /// Headers of one tunnelled request.
  public static final int MAX_HEADERS = 32;

  /// Characters of one tunnelled header's value.
  public static final int MAX_HEADER_CHARS = 8 * 1024;

  /// Characters of a message about a failure.
  public static final int MAX_FAILURE_CHARS = 512;

  /// With the value `true` it says that an administrator asked for a tunnelled request. Only the
  /// hub itself sets it: nothing that a client sends becomes a header of the tunnel.
  public static final String ADMINISTRATOR_HEADER = "x-tutti-administrator";

  /// Headers of an engine's answer that are passed on.
  public static final Set<String> RESPONSE_HEADERS = Set.of("content-type", "retry-after");

  /// Between two heartbeats.
  public static final Duration HEARTBEAT = Duration.ofSeconds(1);

  /// How long heartbeats are gathered before the owner is told of them together: a thousand
  /// machines would else wake it a thousand times a second. Well below the unsteadiness that the
  /// fleet grants any machine.
  public static final Duration GATHERED = Duration.ofMillis(50);

  /// A node's clock that moved by less than this against the hub's is not told anew.
  public static final Duration CLOCK_STEP = Duration.ofSeconds(2);

  /// The latest moment that a clock may show, in milliseconds since 1970: the end of the year 9999.
  public static final long MAX_CLOCK_MILLIS = 253_402_300_799_999L;

  /// Between two looks at the clock for pings, greetings and pulses that are overdue.
  public static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /// A connection on which nothing came for so long is pinged, unless its machine's pulse beats.
  public static final Duration QUIET = Duration.ofMillis(750);

  /// The same while the pulse beats and something is under way: an agent pings the connection of
  /// its slots this often.
  public static final Duration QUIET_BESIDE_A_PULSE = Duration.ofSeconds(4);

  /// The same while nothing is under way, so that no router on the way forgets the connection.
  public static final Duration QUIET_AND_IDLE = Duration.ofSeconds(15);

  /// The same for a hub, which hears those pings and need not send its own.
  public static final Duration QUIET_BESIDE_PINGS = Duration.ofSeconds(20);

  /// An agent with nothing under way asks the hub for an answer to its heartbeats this often;
  /// otherwise to each. Answers are what most of an idle machine's heartbeats would cost.
  public static final Duration ANSWERED_EVERY = Duration.ofMillis(3_500);

  /// How long an agent waits for an answer on its pulse before it counts the connection as lost.
  public static final Duration PULSE_ANSWER = Duration.ofSeconds(2);

  /// How long either end waits for a ping's answer on a connection that carries bodies, and a hub
  /// on any. Longer than the fleet takes to call a silent machine down, which moves its work: a
  /// connection that is closed first would make a failure of each exchange.
  public static final Duration SILENCE = Duration.ofSeconds(10);

  /// A loop that looks at the clock after more than this was asleep itself, and gives the other end
  /// its time again.
  public static final Duration ASLEEP = Duration.ofSeconds(1);

  /// When heartbeats are later than this, answers to pings on other connections of the node count
  /// in their place.
  public static final Duration PULSE_LATE = Duration.ofMillis(1_500);

  /// How long a stranger may hold a connection or a stream without saying who it is.
  public static final Duration GREETING = Duration.ofSeconds(10);

  /// How long a TLS handshake may take.
  public static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /// How long a removed node is given to hear so before its connections are closed.
  public static final Duration FAREWELL = Duration.ofSeconds(1);

  /// How long a connection attempt may take.
  public static final Duration CONNECT = Duration.ofSeconds(3);

  private LinkLimits() {}
}
