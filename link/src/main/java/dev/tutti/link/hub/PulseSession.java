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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One agent's pulse. Lives on the link's loop; what the owner calls says so and crosses over.
///
/// The echo is written here and not by the owner. However fast an agent talks, at most one report
/// and one heartbeat of it wait for the owner.
final class PulseSession {
  private static final Parser<PulseUp> PARSER = PulseUp.parser();
  private static final Duration RATE_WINDOW = Duration.ofSeconds(1);

  /// Who a pulse says it is.
  record Greeting(
      NodeId node,
      String credential,
      String machineKey,
      long incarnation,
      String version,
      String address) {
    @Override
    public String toString() {
      return "Greeting[node=" + node + ", address=" + address + "]";
    }
  }

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
  private final Roster roster;
  private final Executor owner;
  private final AtomicReference<@Nullable NodeReport> newestReport = new AtomicReference<>();
  private final AtomicBoolean beatUnderWay = new AtomicBoolean();
  private Stage stage = Stage.GREETING;
  private @Nullable Greeting greeting;
  private Time.Timer deadline;
  private long rateStartNanos;
  private int rateCount;
  private long seq;
  private long dueNanos;

  PulseSession(
      GrpcServerRequest<Buffer, Buffer> request,
      HubConnection connection,
      Loop loop,
      Time time,
      Roster roster,
      Executor owner) {
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.loop = loop;
    this.time = time;
    this.roster = roster;
    this.owner = owner;
    this.deadline = time.after(LinkLimits.GREETING, () -> end("no greeting"));
  }

  void begin() {
    response.encoding("identity");
    LinkMethods.read(request, PARSER, LinkLimits.MAX_MESSAGE_BYTES, this::heard, this::end);
    request.errorHandler(_ -> lost("stream reset"));
    request.exceptionHandler(_ -> lost("connection lost"));
    response.exceptionHandler(_ -> lost("connection lost"));
    request.endHandler(_ -> end("agent left"));
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
      greet(message.getHello());
    }
    if (message.hasReport()) {
      keep(message.getReport());
    }
    if (stage == Stage.OPEN) {
      beat();
    }
  }

  private void greet(Hello hello) {
    NodeId node;
    try {
      node = new NodeId(hello.getNodeId());
    } catch (IllegalArgumentException _) {
      end("no greeting");
      return;
    }
    stage = Stage.ASKING;
    var said =
        new Greeting(
            node,
            hello.getCredential(),
            ReportCodec.text(hello.getMachineKey()),
            hello.getIncarnation(),
            ReportCodec.text(hello.getVersion()),
            connection.address());
    greeting = said;
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
    Greeting said = greeting;
    if (said == null) {
      return;
    }
    owner.execute(() -> {
      NodeReport newest = newestReport.getAndSet(null);
      if (newest != null) {
        roster.report(this, said.node(), newest);
      }
    });
  }

  private void beat() {
    connection.heard();
    deadline.cancel();
    deadline = time.after(LinkLimits.SILENCE, this::silent);
    dueNanos = time.nanos() + LinkLimits.SILENCE.toNanos();
    if (!response.writeQueueFull()) {
      response.write(LinkMethods.bytes(PulseDown.newBuilder().setSeq(seq).build()));
    }
    Greeting said = greeting;
    if (said != null && beatUnderWay.compareAndSet(false, true)) {
      owner.execute(() -> {
        beatUnderWay.set(false);
        roster.beat(this, said.node());
      });
    }
  }

  private void silent() {
    if (time.nanos() - dueNanos > LinkLimits.ASLEEP.toNanos()) {
      // It is we who were away: its heartbeats may lie here unread.
      deadline = time.after(LinkLimits.HEARTBEAT, () -> end("silent"));
    } else {
      end("silent");
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

  /// From the owner: it may stay.
  void welcome() {
    loop.execute(() -> {
      if (stage != Stage.ASKING) {
        return;
      }
      stage = Stage.OPEN;
      connection.greeted();
      beat();
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
    deadline.cancel();
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
    Greeting said = greeting;
    if (said != null) {
      owner.execute(() -> roster.pulseLost(this, said.node(), why));
    }
  }
}
