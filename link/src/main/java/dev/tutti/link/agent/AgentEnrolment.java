package dev.tutti.link.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.ReportCodec;
import dev.tutti.wire.node.EnrolReply;
import dev.tutti.wire.node.EnrolRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Joins a hub for the first time: with a token at once, without one after a human's yes. Lives on
/// one event loop, its caller's.
public final class AgentEnrolment {
  private static final Duration MIN_ASK_AGAIN = Duration.ofMillis(200);
  private static final Duration MAX_ASK_AGAIN = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final HubAddress hub;
  private final Wish wish;
  private final Time time;
  private final Backoff backoff;
  private final Runnable waiting;
  private final HttpClientAgent http;
  private final Promise<Joined> outcome = Promise.promise();
  private String pendingId = "";

  private AgentEnrolment(
      Vertx vertx, HubAddress hub, Wish wish, Time time, RandomGenerator random, Runnable waiting) {
    this.vertx = vertx;
    this.hub = hub;
    this.wish = wish;
    this.time = time;
    this.backoff = new Backoff(random);
    this.waiting = waiting;
    this.http = vertx.createHttpClient(Connections.client(hub.security()));
  }

  /// Who wants to join.
  ///
  /// @param name wished name; may be empty with a token, whose name wins
  /// @param token empty to wait for approval
  public record Wish(String name, String token, String machineKey, String host, String version) {
    @Override
    public String toString() {
      return "Wish[name=" + name + ", host=" + host + "]";
    }
  }

  /// What the hub gave.
  ///
  /// @param credential secret: to be kept where only this agent reads it
  public record Joined(NodeId node, String credential, String hubId) {
    @Override
    public String toString() {
      return "Joined[node=" + node + ", hubId=" + hubId + "]";
    }
  }

  /// Asks to join. Call it on an event loop; `time` runs its timers there.
  ///
  /// With a token the first trouble fails it, since the token may have been spent. Without one it
  /// goes on asking, also through lost connections, until {@link #stop}. It fails with {@link
  /// MeshException}: `FORBIDDEN` when the hub refuses, `ENGINE_UNREACHABLE` when there is none.
  ///
  /// @param waiting runs once, when the hub says that a human has to approve
  public static AgentEnrolment start(
      Vertx vertx, HubAddress hub, Wish wish, Time time, RandomGenerator random, Runnable waiting) {
    var enrolment = new AgentEnrolment(vertx, hub, wish, time, random, waiting);
    enrolment.ask();
    return enrolment;
  }

  /// What comes of it.
  public Future<Joined> outcome() {
    return outcome.future();
  }

  /// Gives up asking.
  public void stop() {
    fail(FailureCode.CANCELLED, Retry.SAFE_NOT_STARTED, "stopped asking");
  }

  private void ask() {
    if (outcome.future().isComplete()) {
      return;
    }
    http.connect(new HttpConnectOptions().setHost(hub.host()).setPort(hub.port()))
        .onFailure(_ -> unreachable())
        .onSuccess(this::askOn);
  }

  private void askOn(HttpClientConnection connection) {
    Time.Timer deadline = time.after(ANSWER, connection::close);
    GrpcClient.client(vertx, connection)
        .request(LinkMethods.ENROL)
        .compose(this::send)
        .compose(GrpcClientResponse::last)
        .onComplete(answer -> {
          deadline.cancel();
          connection.close();
          if (answer.succeeded()) {
            heard(answer.result());
          } else {
            unreachable();
          }
        });
  }

  private Future<GrpcClientResponse<Buffer, Buffer>> send(
      GrpcClientRequest<Buffer, Buffer> request) {
    request.encoding("identity");
    return request.send(
        LinkMethods.bytes(
            EnrolRequest.newBuilder()
                .setNodeId(wish.name())
                .setToken(wish.token())
                .setMachineKey(wish.machineKey())
                .setHost(wish.host())
                .setVersion(wish.version())
                .setPendingId(pendingId)
                .build()));
  }

  private void heard(Buffer bytes) {
    try {
      EnrolReply reply = EnrolReply.parseFrom(bytes.getBytes());
      switch (reply.getState()) {
        case APPROVED -> approved(reply);
        case PENDING -> pending(reply);
        case REFUSED ->
            fail(
                FailureCode.FORBIDDEN,
                Retry.POINTLESS,
                "hub refused: "
                    + ReportCodec.text(reply.getReason(), LinkLimits.MAX_FAILURE_CHARS));
        case STATE_UNSPECIFIED, UNRECOGNIZED -> unreachable();
      }
    } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
      unreachable();
    }
  }

  private void approved(EnrolReply reply) {
    var joined =
        new Joined(
            new NodeId(reply.getNodeId()),
            reply.getCredential(),
            ReportCodec.text(reply.getHubId()));
    http.close();
    outcome.tryComplete(joined);
  }

  private void pending(EnrolReply reply) {
    backoff.reset();
    boolean first = pendingId.isEmpty();
    pendingId = reply.getPendingId();
    if (first) {
      waiting.run();
    }
    Duration wait = Duration.ofMillis(Integer.toUnsignedLong(reply.getRetryAfterMs()));
    if (wait.compareTo(MIN_ASK_AGAIN) < 0) {
      wait = MIN_ASK_AGAIN;
    }
    time.after(wait.compareTo(MAX_ASK_AGAIN) > 0 ? MAX_ASK_AGAIN : wait, this::ask);
  }

  private void unreachable() {
    if (wish.token().isEmpty()) {
      time.after(backoff.next(), this::ask);
    } else {
      fail(
          FailureCode.ENGINE_UNREACHABLE, Retry.UNSAFE_MAY_HAVE_ACTED, "hub unreachable at " + hub);
    }
  }

  private void fail(FailureCode code, Retry retry, String message) {
    if (outcome.tryFail(new MeshException(Failure.of(code, retry, message)))) {
      http.close();
    }
  }
}
