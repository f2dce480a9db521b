package dev.tutti.link.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.ReportCodec;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.Lifetimes;
import dev.tutti.wire.node.RenewReply;
import dev.tutti.wire.node.RenewRequest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets the next certificate in time: with a new key, over a connection that the present one opens.
/// Owner loop.
final class AgentRenewal {
  /// Between two looks at the clock.
  static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /// After a try, before the next one that nobody asked for.
  static final Duration AGAIN = Duration.ofSeconds(30);

  /// The same after one that worked: a clock that is wrong would else never find the new one young
  /// enough.
  static final Duration REST = Duration.ofMinutes(10);

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(AgentRenewal.class);

  private final Vertx vertx;
  private final Dialler dialler;
  private final Time time;
  private final Told told;
  private final HttpClientAgent http;
  private long takenNanos;
  private Duration planned;

  /// Not before this one is tried, unless the hub wants it.
  private long againNanos;

  /// Not before this one is tried because of the clock alone.
  private long restedNanos;

  private boolean asking;
  private boolean stopped;

  /// Hears what comes of it.
  interface Told {
    void renewed(Badge badge);

    void removed();
  }

  AgentRenewal(Vertx vertx, Dialler dialler, Time time, Told told) {
    this.vertx = vertx;
    this.dialler = dialler;
    this.time = time;
    this.told = told;
    this.http = vertx.createHttpClient(Connections.client());
    this.takenNanos = time.nanos();
    this.againNanos = takenNanos;
    this.restedNanos = takenNanos;
    this.planned = left(dialler.badge());
  }

  private Duration left(Badge badge) {
    var material = badge.material();
    return Lifetimes.untilDue(
        Lifetimes.NODE, material.notBefore(), material.notAfter(), time.now());
  }

  /// Looks from now on.
  void start() {
    if (stopped) {
      return;
    }
    if (isDue() && time.nanos() - restedNanos >= 0) {
      mayAsk();
    }
    time.after(LOOK_EVERY, this::start);
  }

  /// By either clock: the wall's may have jumped, the other one stands still while a machine
  /// sleeps.
  private boolean isDue() {
    return left(dialler.badge()).isZero() || time.nanos() - takenNanos >= planned.toNanos();
  }

  /// The hub wants it, whatever the clock says.
  void wanted() {
    if (!asking && !stopped) {
      ask();
    }
  }

  /// The hub did not let us in: perhaps a new certificate helps.
  void refused() {
    mayAsk();
  }

  private void mayAsk() {
    if (!asking && !stopped && time.nanos() - againNanos >= 0) {
      ask();
    }
  }

  void stop() {
    stopped = true;
    http.close();
  }

  private void ask() {
    asking = true;
    againNanos = time.nanos() + AGAIN.toNanos();
    http.connect(dialler.options()).onFailure(this::notConnected).onSuccess(this::askOn);
  }

  /// A hub that was not there was not asked: as soon as it is back, it is.
  private void notConnected(Throwable trouble) {
    Optional<String> doubt = Distrust.of(trouble);
    if (doubt.isEmpty()) {
      againNanos = time.nanos();
    }
    failed(doubt.orElse("hub unreachable"));
  }

  private void askOn(HttpClientConnection connection) {
    KeyPair key = FreshKey.make();
    Time.Timer deadline = time.after(ANSWER, connection::close);
    GrpcClient.client(vertx, connection)
        .request(LinkMethods.RENEW)
        .compose(request -> {
          request.encoding("identity");
          return request.send(
              LinkMethods.bytes(
                  RenewRequest.newBuilder()
                      .setCsr(ByteString.copyFrom(FreshKey.request(key)))
                      .build()));
        })
        .compose(response ->
            response.status() == null
                ? response.last()
                : io.vertx.core.Future.failedFuture(words(response)))
        .onComplete(answer -> {
          deadline.cancel();
          connection.close();
          if (answer.succeeded()) {
            heard(key, answer.result());
          } else {
            failed(String.valueOf(answer.cause().getMessage()));
          }
        });
  }

  private static String words(GrpcClientResponse<Buffer, Buffer> response) {
    String said = response.statusMessage();
    return ReportCodec.text(
        said == null ? response.status().name() : said, LinkLimits.MAX_FAILURE_CHARS);
  }

  private void heard(KeyPair key, Buffer bytes) {
    RenewReply reply;
    try {
      reply = RenewReply.parseFrom(bytes.getBytes());
    } catch (InvalidProtocolBufferException _) {
      failed("hub's answer: not a message");
      return;
    }
    if (stopped) {
      return;
    }
    if (reply.getRemoved()) {
      asking = false;
      told.removed();
      return;
    }
    if (reply.getChainCount() == 0) {
      failed(ReportCodec.text(reply.getReason(), LinkLimits.MAX_FAILURE_CHARS));
      return;
    }
    try {
      take(Certificates.badge(key, reply.getChainList(), reply.getPinsList(), time.now()));
    } catch (CertificateException | IllegalArgumentException wrong) {
      failed("hub's answer: " + wrong.getMessage());
    }
  }

  private void take(Badge badge) {
    Badge before = dialler.badge();
    if (!badge.uuid().equals(before.uuid())) {
      failed("hub's answer: for somebody else");
      return;
    }
    if (!badge.pins().equals(before.pins())) {
      log.warn("The hub's authority changes. before={} now={}", before.pins(), badge.pins());
    }
    asking = false;
    takenNanos = time.nanos();
    restedNanos = takenNanos + REST.toNanos();
    log.info("The certificate is renewed. until={}", badge.material().notAfter());
    planned = left(badge);
    told.renewed(badge);
  }

  private void failed(String why) {
    asking = false;
    log.warn("The certificate could not be renewed. why={}", why);
  }
}
