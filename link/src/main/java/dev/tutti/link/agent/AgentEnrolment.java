package dev.tutti.link.agent;

import com.google.protobuf.ByteString;
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
import dev.tutti.link.trust.Exporter;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.HubTrust;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.Proof;
import dev.tutti.link.trust.SafetyCode;
import dev.tutti.wire.node.EnrolReply;
import dev.tutti.wire.node.EnrolRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Joins a hub for the first time: with a token at once, without one after a human's yes. Lives on
/// one event loop, its caller's.
///
/// The key is made here and never leaves. With a token the hub's certificates are held against its
/// pin before anything is sent, and its secret is proved, not sent. Without one whoever answers is
/// believed to be the hub, and the code that both ends show lets a human see whether it is.
public final class AgentEnrolment {
  private static final Duration MIN_ASK_AGAIN = Duration.ofMillis(200);
  private static final Duration MAX_ASK_AGAIN = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final HubAddress hub;
  private final Wish wish;
  private final Time time;
  private final Backoff backoff;
  private final Consumer<String> waiting;
  private final HttpClientAgent http;
  private final Promise<Joined> outcome = Promise.promise();
  private final KeyPair key = FreshKey.make();
  private final byte[] csr = FreshKey.request(key);
  private final byte[] number = new byte[SafetyCode.NUMBER_BYTES];
  private final HubTrust trust;
  private final ClientSSLOptions tls;
  private String pendingId = "";
  private boolean shown;

  private AgentEnrolment(
      Vertx vertx,
      HubAddress hub,
      Wish wish,
      Time time,
      RandomGenerator random,
      Consumer<String> waiting) {
    this.vertx = vertx;
    this.hub = hub;
    this.wish = wish;
    this.time = time;
    this.backoff = new Backoff(random);
    this.waiting = waiting;
    this.http = vertx.createHttpClient(Connections.client());
    this.trust =
        new HubTrust(wish.token().map(JoinToken::pin).map(Set::of).orElse(Set.of()), time::now);
    this.tls = Dialler.tls(Optional.empty(), trust);
    random.nextBytes(number);
  }

  /// Who wants to join.
  ///
  /// @param name wished name; with a token empty or the token's
  /// @param token empty to wait for approval
  public record Wish(
      String name, Optional<JoinToken> token, String machineKey, String host, String version) {}

  /// What the hub gave.
  ///
  /// @param badge secret: to be kept where only this agent reads it
  public record Joined(NodeId node, Badge badge, String hubId) {}

  /// Asks to join. Call it on an event loop; `time` runs its timers there.
  ///
  /// With a token the first trouble fails it, since the token may have been spent. Without one it
  /// goes on asking, also through lost connections, until {@link #stop}. It fails with {@link
  /// MeshException}: `FORBIDDEN` when the hub refuses or is not the one of the token,
  /// `ENGINE_UNREACHABLE` when there is none.
  ///
  /// @param random fit for secrets
  /// @param waiting told once, when the hub says that a human has to approve: the code to compare
  public static AgentEnrolment start(
      Vertx vertx,
      HubAddress hub,
      Wish wish,
      Time time,
      RandomGenerator random,
      Consumer<String> waiting) {
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
    http.connect(Dialler.options(hub, tls)).onFailure(this::notConnected).onSuccess(this::askOn);
  }

  private void notConnected(Throwable trouble) {
    String doubt = Distrust.of(trouble).orElse("");
    if (doubt.isEmpty()) {
      unreachable();
    } else {
      fail(FailureCode.FORBIDDEN, Retry.POINTLESS, "hub at " + hub + " is not believed: " + doubt);
    }
  }

  private void askOn(HttpClientConnection connection) {
    Time.Timer deadline = time.after(ANSWER, connection::close);
    GrpcClient.client(vertx, connection)
        .request(LinkMethods.ENROL)
        .compose(request -> send(connection, request))
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
      HttpClientConnection connection, GrpcClientRequest<Buffer, Buffer> request) {
    request.encoding("identity");
    var asked =
        EnrolRequest.newBuilder()
            .setNodeId(wish.name())
            .setCsr(ByteString.copyFrom(csr))
            .setMachineKey(wish.machineKey())
            .setHost(wish.host())
            .setVersion(wish.version());
    wish.token()
        .ifPresentOrElse(
            token -> {
              byte[] exporter = Exporter.of(connection.sslSession());
              byte[] proof = Proof.of(Proof.keyOf(token.id(), token.secret()), exporter, csr);
              asked.setTokenId(token.id()).setProof(ByteString.copyFrom(proof));
            },
            () -> {
              asked.setCommitment(ByteString.copyFrom(SafetyCode.commitment(number)));
              if (!pendingId.isEmpty()) {
                asked.setPendingId(pendingId).setNumber(ByteString.copyFrom(number));
              }
            });
    return request.send(LinkMethods.bytes(asked.build()));
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
    Badge badge;
    try {
      badge = Certificates.badge(key, reply.getChainList(), reply.getPinsList(), time.now());
    } catch (CertificateException wrong) {
      fail(FailureCode.FORBIDDEN, Retry.POINTLESS, "hub's answer: " + wrong.getMessage());
      return;
    }
    if (trust.met().filter(badge.pins()::contains).isEmpty()) {
      fail(
          FailureCode.FORBIDDEN,
          Retry.POINTLESS,
          "hub's answer: names other roots (expected: its own among them)");
      return;
    }
    var joined =
        new Joined(new NodeId(reply.getNodeId()), badge, ReportCodec.text(reply.getHubId()));
    http.close();
    outcome.tryComplete(joined);
  }

  private void pending(EnrolReply reply) {
    backoff.reset();
    boolean first = pendingId.isEmpty();
    boolean anew = !first && !pendingId.equals(reply.getPendingId());
    pendingId = reply.getPendingId();
    byte[] hubs = reply.getNumber().toByteArray();
    if (anew || hubs.length != SafetyCode.NUMBER_BYTES) {
      fail(FailureCode.FORBIDDEN, Retry.POINTLESS, "hub's answer: changed while we waited");
      return;
    }
    // The hub shows its code from now on: it has heard our number.
    if (!first && !shown && trust.met().isPresent()) {
      shown = true;
      waiting.accept(SafetyCode.of(trust.met().get(), key.getPublic().getEncoded(), number, hubs));
    }
    Duration wait = Duration.ofMillis(Integer.toUnsignedLong(reply.getRetryAfterMs()));
    if (first || wait.compareTo(MIN_ASK_AGAIN) < 0) {
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
