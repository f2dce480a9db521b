package dev.tutti.link.agent;

import com.google.protobuf.Parser;
import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.ReportCodec;
import dev.tutti.wire.node.Hello;
import dev.tutti.wire.node.NodeReport;
import dev.tutti.wire.node.PulseDown;
import dev.tutti.wire.node.PulseUp;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the pulse going: a connection and an event loop of its own, so that no inference and no
/// body ever makes a heartbeat late. Tells `listener` on that loop.
final class PulseClient {
  private static final Logger log = LoggerFactory.getLogger(PulseClient.class);

  private static final Parser<PulseDown> PARSER = PulseDown.parser();

  /// Looks at the clock this often between two heartbeats, so that silence is noticed early.
  private static final int TICKS_PER_BEAT = 8;

  private final HttpClientAgent http;
  private final Vertx vertx;
  private final Dialler dialler;
  private final AgentIdentity identity;
  private final Time time;
  private final Backoff backoff;
  private final Told listener;
  private final AtWork atWork;
  private @Nullable Attempt current;
  private @Nullable Attempt successor;
  private @Nullable NodeReport report;
  private boolean stopped;

  /// Hears how it goes.
  interface Told {
    void connected();

    void disconnected(String why);

    void refused(String why);

    void removed();

    /// The hub asks for a renewal of the certificate.
    void renewalWanted();
  }

  PulseClient(
      Vertx vertx,
      Dialler dialler,
      AgentIdentity identity,
      Time time,
      RandomGenerator random,
      Told listener,
      AtWork atWork) {
    this.vertx = vertx;
    this.http = vertx.createHttpClient(Connections.client());
    this.dialler = dialler;
    this.identity = identity;
    this.time = time;
    this.backoff = new Backoff(random);
    this.listener = listener;
    this.atWork = atWork;
  }

  void start() {
    if (!stopped && current == null) {
      var attempt = new Attempt();
      current = attempt;
      attempt.connect();
    }
  }

  /// There is a new badge. A second connection is made with it, and the first one goes only when
  /// the hub has answered on that: nobody sees a gap.
  void renewed() {
    Attempt now = current;
    if (stopped || successor != null) {
      return;
    }
    if (now == null) {
      backoff.reset();
      start();
    } else if (now.open) {
      var next = new Attempt();
      successor = next;
      next.connect();
    }
  }

  void report(NodeReport newest) {
    report = newest;
    Attempt now = current;
    if (now != null) {
      now.send(newest);
    }
    Attempt next = successor;
    if (next != null) {
      next.send(newest);
    }
  }

  void stop() {
    stopped = true;
    Attempt now = current;
    current = null;
    if (now != null) {
      now.drop();
    }
    Attempt next = successor;
    successor = null;
    if (next != null) {
      next.drop();
    }
    http.close();
  }

  private void again() {
    current = null;
    time.after(backoff.next(), this::start);
  }

  /// One connection, from dialling to its end.
  private final class Attempt {
    private @Nullable HttpClientConnection connection;
    private @Nullable GrpcClientRequest<Buffer, Buffer> request;
    private Time.@Nullable Timer timer;
    private boolean open;
    private boolean over;
    private long seq;
    private long sentNanos;
    private long askedNanos;
    private boolean asked;
    private long answeredNanos;

    void connect() {
      http.connect(dialler.options())
          .onFailure(trouble -> end(unreachable(trouble)))
          .onSuccess(this::connected);
    }

    private String unreachable(Throwable trouble) {
      return Distrust.of(trouble)
          .map(doubt -> "hub at " + dialler.hub() + " is not believed: " + doubt)
          .orElse("hub unreachable at " + dialler.hub());
    }

    private void connected(HttpClientConnection made) {
      connection = made;
      if (over) {
        made.close();
        return;
      }
      made.exceptionHandler(cause -> log.debug("Connection failed. hub={}", dialler.hub(), cause));
      made.closeHandler(_ -> end("connection closed"));
      GrpcClient.client(vertx, made)
          .request(LinkMethods.PULSE)
          .onFailure(_ -> end("connection lost"))
          .onSuccess(this::greet);
    }

    private void greet(GrpcClientRequest<Buffer, Buffer> pulse) {
      if (over) {
        return;
      }
      request = pulse;
      pulse.encoding("identity");
      pulse.exceptionHandler(_ -> end("connection lost"));
      pulse.response().onFailure(_ -> end("connection lost")).onSuccess(this::answered);
      var first =
          next()
              .setHello(
                  Hello.newBuilder()
                      .setNodeId(identity.node().value())
                      .setMachineKey(identity.machineKey())
                      .setIncarnation(identity.incarnation())
                      .setVersion(identity.version()));
      NodeReport known = report;
      if (known != null) {
        first.setReport(known);
      }
      write(first);
      beat();
    }

    private void answered(GrpcClientResponse<Buffer, Buffer> response) {
      if (over) {
        return;
      }
      if (response.status() != null) {
        refused(response);
        return;
      }
      response.errorHandler(_ -> end("hub closed the pulse"));
      response.exceptionHandler(_ -> end("connection lost"));
      response.endHandler(_ -> end("hub closed the pulse"));
      LinkMethods.read(response, PARSER, LinkLimits.MAX_SLOT_MESSAGE_BYTES, this::heard, this::end);
    }

    private void refused(GrpcClientResponse<Buffer, Buffer> response) {
      String why = response.statusMessage();
      String told =
          ReportCodec.text(
              why == null ? response.status().name() : why, LinkLimits.MAX_FAILURE_CHARS);
      if (response.status() != GrpcStatus.UNAVAILABLE) {
        backoff.slow();
        listener.refused(told);
      }
      end(told);
    }

    private void heard(PulseDown answer) {
      if (over) {
        return;
      }
      if (answer.getRemoved()) {
        stop();
        listener.removed();
        return;
      }
      if (answer.getSeq() == seq) {
        asked = false;
        answeredNanos = time.nanos();
      }
      if (!open) {
        open = true;
        backoff.reset();
        if (successor == this) {
          takeOver();
        } else {
          listener.connected();
        }
      }
      if (answer.getRenew()) {
        listener.renewalWanted();
      }
    }

    private void takeOver() {
      Attempt before = current;
      current = this;
      successor = null;
      if (before != null) {
        before.drop();
      }
    }

    private void beat() {
      if (over) {
        return;
      }
      long now = time.nanos();
      if (asked && now - askedNanos > LinkLimits.PULSE_ANSWER.toNanos()) {
        end("hub silent");
        return;
      }
      if (now - sentNanos >= LinkLimits.HEARTBEAT.toNanos()) {
        write(next());
      }
      timer = time.after(LinkLimits.HEARTBEAT.dividedBy(TICKS_PER_BEAT), this::beat);
    }

    void send(NodeReport newest) {
      if (!over && request != null) {
        write(next().setReport(newest));
      }
    }

    /// The next heartbeat. While an answer is awaited the number stays, so that a late one still
    /// counts. An idle agent need not know each second that its hub is there.
    private PulseUp.Builder next() {
      boolean need =
          asked
              || !open
              || atWork.isAny()
              || time.nanos() - answeredNanos >= LinkLimits.ANSWERED_EVERY.toNanos();
      return PulseUp.newBuilder().setSeq(asked ? seq : ++seq).setUnanswered(!need);
    }

    private void write(PulseUp.Builder message) {
      GrpcClientRequest<Buffer, Buffer> pulse = request;
      if (pulse == null) {
        return;
      }
      sentNanos = time.nanos();
      if (!asked && !message.getUnanswered()) {
        asked = true;
        askedNanos = sentNanos;
      }
      pulse.write(LinkMethods.bytes(message.build()));
    }

    private void end(String why) {
      if (over) {
        return;
      }
      drop();
      Attempt next = successor;
      if (next == this) {
        successor = null;
        time.after(backoff.next(), PulseClient.this::renewed);
      } else if (current == this && next != null) {
        // The hub lets it go because the next one is there, or that one will not last either.
        current = next;
        successor = null;
      } else if (current == this) {
        listener.disconnected(why);
        again();
      }
    }

    void drop() {
      over = true;
      if (timer != null) {
        timer.cancel();
      }
      if (connection != null) {
        connection.close();
      }
    }
  }
}
