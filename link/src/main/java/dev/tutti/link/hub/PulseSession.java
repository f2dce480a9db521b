package dev.tutti.link.hub;

import com.google.protobuf.Parser;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import dev.tutti.wire.node.Hello;
import dev.tutti.wire.node.PulseDown;
import dev.tutti.wire.node.PulseUp;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One agent's pulse. Lives on the link's loop; what the owner calls says so and crosses over.
///
/// The echo is written here and not by the owner. However fast an agent talks, at most one report
/// and one heartbeat of it wait for the owner.
final class PulseSession {
  private static final Parser<PulseUp> PARSER = PulseUp.parser();
  private static final Duration RATE_WINDOW = Duration.ofSeconds(1);

  /// Who a pulse is and what it says of itself.
  record Greeting(Peer peer, String machineKey, long incarnation, String version, String address) {}

  private enum Stage {
    GREETING,
    ASKING,
    OPEN,
    OVER
  }

  private final GrpcServerRequest<Buffer, Buffer> request;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final HubConnection connection;
  private final Loop loop;
  private final Time time;
  private final Pulses pulses;
  private final Roster roster;
  private final Executor owner;
  private final AtomicReference<@Nullable NodeReport> newestReport = new AtomicReference<>();
  private Stage stage = Stage.GREETING;
  private @Nullable NodeId node;
  private long heardNanos;
  private long rateStartNanos;
  private int rateCount;
  private long seq;
  private boolean renewalWanted;

  /// Whether the owner is about to be told of a heartbeat.
  private boolean gathered;

  PulseSession(
      GrpcServerRequest<Buffer, Buffer> request,
      HubConnection connection,
      Loop loop,
      Time time,
      Pulses pulses,
      Roster roster,
      Executor owner) {
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.loop = loop;
    this.time = time;
    this.pulses = pulses;
    this.roster = roster;
    this.owner = owner;
    this.heardNanos = time.nanos();
  }

  void begin() {
    response.encoding("identity");
    LinkMethods.read(request, PARSER, LinkLimits.MAX_MESSAGE_BYTES, this::heard, this::end);
    request.errorHandler(_ -> lost("stream reset"));
    request.exceptionHandler(_ -> lost("connection lost"));
    response.exceptionHandler(_ -> lost("connection lost"));
    request.endHandler(_ -> end("agent left"));
    pulses.begun(this);
  }

  /// It is time to look at the clock. `asleep`: we were away ourselves, and what the agent said may
  /// lie here unread.
  void look(boolean asleep) {
    long quiet = time.nanos() - heardNanos;
    switch (stage) {
      case GREETING, ASKING -> {
        if (quiet > LinkLimits.GREETING.toNanos()) {
          end("no greeting");
        }
      }
      case OPEN -> {
        long over = quiet - LinkLimits.SILENCE.toNanos();
        if (over > 0 && asleep) {
          heardNanos += over + LinkLimits.HEARTBEAT.toNanos();
        } else if (over > 0) {
          end("silent");
        }
      }
      case OVER -> {}
    }
  }

  /// Whether its last heartbeat is not overdue.
  boolean beats() {
    return stage == Stage.OPEN && time.nanos() - heardNanos < LinkLimits.PULSE_LATE.toNanos();
  }

  /// The owner is told now.
  void told() {
    gathered = false;
  }

  /// Tells the owner of a heartbeat. Owner.
  void tellBeat() {
    NodeId known = node;
    if (known != null) {
      roster.beat(this, known);
    }
  }

  private void heard(PulseUp message) {
    if (stage == Stage.OVER) {
      return;
    }
    if (tooFast()) {
      end("more than " + LinkLimits.MAX_PULSE_MESSAGES_PER_SECOND + " messages a second");
      return;
    }
    seq = message.getSeq();
    if (stage == Stage.GREETING) {
      if (!message.hasHello()) {
        end("no greeting");
        return;
      }
      greet(message.getHello());
    }
    if (message.hasReport()) {
      keep(message.getReport());
    }
    if (stage == Stage.OPEN) {
      beat(!message.getUnanswered());
    }
  }

  private void greet(Hello hello) {
    stage = Stage.ASKING;
    var said =
        new Greeting(
            connection.peer(),
            ReportCodec.text(hello.getMachineKey()),
            hello.getIncarnation(),
            ReportCodec.text(hello.getVersion()),
            connection.address());
    owner.execute(() -> roster.hello(this, said));
  }

  private void keep(dev.tutti.wire.node.NodeReport message) {
    NodeReport report;
    try {
      report = ReportCodec.read(message);
    } catch (MeshException wrong) {
      end(wrong.failure().message());
      return;
    }
    if (newestReport.getAndSet(report) == null && stage == Stage.OPEN) {
      handOverReport();
    }
  }

  private void handOverReport() {
    NodeId known = node;
    if (known == null) {
      return;
    }
    owner.execute(() -> {
      NodeReport newest = newestReport.getAndSet(null);
      if (newest != null) {
        roster.report(this, known, newest);
      }
    });
  }

  private void beat(boolean answer) {
    connection.heard();
    heardNanos = time.nanos();
    if ((answer || renewalWanted) && !response.writeQueueFull()) {
      response.write(
          LinkMethods.bytes(PulseDown.newBuilder().setSeq(seq).setRenew(renewalWanted).build()));
      renewalWanted = false;
    }
    if (!gathered) {
      gathered = true;
      pulses.beat(this);
    }
  }

  private boolean tooFast() {
    long now = time.nanos();
    if (now - rateStartNanos > RATE_WINDOW.toNanos()) {
      rateStartNanos = now;
      rateCount = 0;
    }
    return ++rateCount > LinkLimits.MAX_PULSE_MESSAGES_PER_SECOND;
  }

  /// From the owner: it may stay, as that node.
  void welcome(NodeId who) {
    loop.execute(() -> {
      if (stage != Stage.ASKING) {
        // It ended before it could know whom to tell.
        owner.execute(() -> roster.pulseLost(this, who, "connection lost"));
        return;
      }
      stage = Stage.OPEN;
      node = who;
      pulses.open(this, who);
      connection.carriesPulse();
      beat(true);
      if (newestReport.get() != null) {
        handOverReport();
      }
    });
  }

  /// From the owner: it may not stay.
  void refuse(GrpcStatus status, String why) {
    loop.execute(() -> {
      if (stage == Stage.ASKING) {
        over();
        response.status(status).statusMessage(why).end();
        connection.refused();
      }
    });
  }

  /// From the owner: with its next answer it is asked to renew its certificate.
  void wantRenewal() {
    loop.execute(() -> renewalWanted = true);
  }

  /// From the owner: the node was removed.
  void removed() {
    loop.execute(() -> {
      if (stage != Stage.OVER) {
        over();
        response.write(LinkMethods.bytes(PulseDown.newBuilder().setRemoved(true).build()));
        response.end();
      }
    });
  }

  /// From the owner: a newer connection took its place.
  void replaced() {
    loop.execute(() -> {
      if (stage != Stage.OVER) {
        over();
        response.status(GrpcStatus.ABORTED).statusMessage("replaced").end();
      }
    });
  }

  private void over() {
    stage = Stage.OVER;
    pulses.over(this);
  }

  /// Ends it from this side.
  private void end(String why) {
    if (stage != Stage.OVER) {
      connection.stop(response);
      lost(why);
    }
  }

  private void lost(String why) {
    if (stage == Stage.OVER) {
      return;
    }
    over();
    NodeId known = node;
    if (known != null) {
      owner.execute(() -> roster.pulseLost(this, known, why));
    }
  }
}
