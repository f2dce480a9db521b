package dev.tutti.link.hub;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.trust.Exporter;
import dev.tutti.link.trust.Pin;
import dev.tutti.wire.node.EnrolReply;
import dev.tutti.wire.node.EnrolRequest;
import dev.tutti.wire.node.RenewReply;
import dev.tutti.wire.node.RenewRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The two calls that end with a certificate. Link loop; whatever signs or checks a signature runs
/// elsewhere.
final class EnrolCalls {
  private static final Logger log = LoggerFactory.getLogger(EnrolCalls.class);

  private final Vertx vertx;
  private final Loop loop;
  private final Time time;
  private final Roster roster;
  private final Executor owner;
  private final Authority authority;
  private final String hubId;
  private final Predicate<HttpConnection> isOpen;
  private long windowNanos;
  private int calls;

  EnrolCalls(
      Vertx vertx,
      Loop loop,
      Time time,
      Roster roster,
      Executor owner,
      Authority authority,
      String hubId,
      Predicate<HttpConnection> isOpen) {
    this.vertx = vertx;
    this.loop = loop;
    this.time = time;
    this.roster = roster;
    this.owner = owner;
    this.authority = authority;
    this.hubId = hubId;
    this.isOpen = isOpen;
    this.windowNanos = time.nanos();
  }

  private boolean tooMany() {
    long now = time.nanos();
    if (now - windowNanos > LinkLimits.ENROL_WINDOW.toNanos()) {
      windowNanos = now;
      calls = 0;
    }
    return ++calls > LinkLimits.MAX_ENROL_CALLS_PER_WINDOW;
  }

  /// A newcomer asks to join.
  void enrol(GrpcServerRequest<Buffer, Buffer> request, HubConnection connection) {
    heard(
        request,
        connection,
        bytes -> {
          EnrolRequest wish = EnrolRequest.parseFrom(bytes.getBytes());
          return off(() -> Authority.requestedKey(wish.getCsr().toByteArray()))
              .compose(key -> decide(wish, key, request.connection().sslSession(), connection))
              .otherwise(EnrolCalls::refusal)
              .map(reply -> reply.setHubId(hubId).build());
        });
  }

  private Future<EnrolReply.Builder> decide(
      EnrolRequest wish, byte[] key, SSLSession session, HubConnection connection) {
    NodeAdmission.Claim claim =
        wish.getTokenId().isEmpty()
            ? new NodeAdmission.Unasked(wish.getPendingId(), wish.getCommitment(), wish.getNumber())
            : new NodeAdmission.Invited(
                wish.getTokenId(),
                wish.getProof(),
                ByteString.copyFrom(Exporter.of(session)),
                wish.getCsr());
    var application =
        new NodeAdmission.Application(
            wish.getNodeId(),
            claim,
            ByteString.copyFrom(key),
            wish.getMachineKey(),
            wish.getHost(),
            wish.getVersion(),
            connection.address());
    return asked(() -> roster.enrol(application))
        .compose(decision ->
            switch (decision) {
              case NodeAdmission.Approved(NodeId node, UUID uuid, CompletionStage<?> written) ->
                  Future.fromCompletionStage(written)
                      .compose(_ -> off(() -> authority.certify(uuid, key)))
                      .map(issued -> approval(node, issued));
              case NodeAdmission.Pending(String id, Duration retryAfter, ByteString number) ->
                  Future.succeededFuture(
                      EnrolReply.newBuilder()
                          .setState(EnrolReply.State.PENDING)
                          .setPendingId(id)
                          .setNumber(number)
                          .setRetryAfterMs((int) retryAfter.toMillis()));
              case NodeAdmission.Refused(String reason) -> Future.succeededFuture(refusal(reason));
            });
  }

  private static EnrolReply.Builder approval(NodeId node, Authority.Issued issued) {
    return EnrolReply.newBuilder()
        .setState(EnrolReply.State.APPROVED)
        .setNodeId(node.value())
        .addAllChain(chain(issued))
        .addAllPins(pins(issued));
  }

  private static EnrolReply.Builder refusal(Throwable trouble) {
    return refusal(words(trouble));
  }

  private static EnrolReply.Builder refusal(String reason) {
    return EnrolReply.newBuilder().setState(EnrolReply.State.REFUSED).setReason(reason);
  }

  /// A node asks for its next certificate.
  void renew(GrpcServerRequest<Buffer, Buffer> request, HubConnection connection) {
    Peer peer = connection.peer();
    if (!peer.mayRenew()) {
      var response = request.response();
      response.encoding("identity");
      response.status(GrpcStatus.UNAUTHENTICATED).statusMessage(peer.why()).end();
      connection.refused();
      return;
    }
    UUID uuid = peer.uuid().orElseThrow();
    heard(
        request,
        connection,
        bytes -> {
          byte[] csr = RenewRequest.parseFrom(bytes.getBytes()).getCsr().toByteArray();
          return asked(() -> roster.mayRenew(uuid))
              .compose(answer ->
                  switch (answer) {
                    case YES -> renewal(uuid, csr);
                    case REMOVED ->
                        Future.succeededFuture(
                            RenewReply.newBuilder()
                                .setRemoved(true)
                                .setReason("the node was removed"));
                    case UNKNOWN ->
                        Future.succeededFuture(
                            RenewReply.newBuilder()
                                .setReason("nobody known here (expected: a node of this hub)"));
                  })
              .otherwise(trouble -> RenewReply.newBuilder().setReason(words(trouble)))
              .map(RenewReply.Builder::build);
        });
  }

  private Future<RenewReply.Builder> renewal(UUID uuid, byte[] csr) {
    return off(() -> authority.certify(uuid, Authority.requestedKey(csr)))
        .map(issued -> {
          owner.execute(() -> roster.certified(uuid, issued.at()));
          return RenewReply.newBuilder().addAllChain(chain(issued)).addAllPins(pins(issued));
        });
  }

  /// Reads the one message of a call and answers it.
  private void heard(
      GrpcServerRequest<Buffer, Buffer> request, HubConnection connection, Answering answering) {
    var response = request.response();
    response.encoding("identity");
    request.errorHandler(_ -> {});
    if (!connection.mayEnrol() || tooMany()) {
      response.status(GrpcStatus.RESOURCE_EXHAUSTED).end();
      return;
    }
    request
        .last()
        .onFailure(_ -> response.cancel())
        .onSuccess(bytes -> {
          if (bytes.length() > LinkLimits.MAX_ENROL_MESSAGE_BYTES) {
            response.cancel();
            return;
          }
          Future<? extends MessageLite> reply;
          try {
            reply = answering.answer(bytes);
          } catch (InvalidProtocolBufferException _) {
            response.cancel();
            return;
          }
          reply.onComplete(done ->
              loop.execute(() -> {
                if (!isOpen.test(request.connection())) {
                  return;
                }
                if (done.succeeded()) {
                  response.end(LinkMethods.bytes(done.result()));
                } else {
                  response.cancel();
                }
              }));
        });
  }

  /// What a message leads to.
  @FunctionalInterface
  private interface Answering {
    Future<? extends MessageLite> answer(Buffer bytes) throws InvalidProtocolBufferException;
  }

  private <T> Future<T> off(Supplier<T> work) {
    Promise<T> done = Promise.promise();
    vertx.<Boolean>executeBlocking(
        () -> {
          try {
            done.complete(work.get());
          } catch (RuntimeException broken) {
            done.fail(broken);
          }
          return true;
        },
        false);
    return done.future();
  }

  private <T> Future<T> asked(Supplier<T> question) {
    Promise<T> answer = Promise.promise();
    owner.execute(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException broken) {
        answer.fail(broken);
      }
    });
    return answer.future();
  }

  private static String words(Throwable trouble) {
    if (trouble instanceof MeshException refused) {
      return refused.failure().message();
    }
    log.error("A certificate could not be made.", trouble);
    return "the hub could not make a certificate; its log says why";
  }

  private static List<ByteString> chain(Authority.Issued issued) {
    return issued.chain().stream().map(EnrolCalls::der).toList();
  }

  private static ByteString der(X509Certificate certificate) {
    try {
      return UnsafeByteOperations.unsafeWrap(certificate.getEncoded());
    } catch (CertificateEncodingException impossible) {
      throw new IllegalStateException("certificate: no bytes (expected: DER)", impossible);
    }
  }

  private static List<String> pins(Authority.Issued issued) {
    return issued.pins().stream().map(Pin::text).sorted().toList();
  }
}
