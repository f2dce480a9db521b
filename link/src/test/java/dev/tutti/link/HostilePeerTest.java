package dev.tutti.link;

import static dev.tutti.link.TestMesh.NODE;
import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.TestDial;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.testkit.Eventually;
import dev.tutti.wire.node.Hello;
import dev.tutti.wire.node.NodeReport;
import dev.tutti.wire.node.PulseUp;
import dev.tutti.wire.node.ResponseEnd;
import dev.tutti.wire.node.ResponseHead;
import dev.tutti.wire.node.SlotOffer;
import dev.tutti.wire.node.SlotUp;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Peers that speak the protocol wrongly or too much, by hand. None may hurt the hub, and each
/// exchange they were given ends with a failure.
final class HostilePeerTest {
  private final TestMesh mesh = TestMesh.start();
  private final Context loop = mesh.loop();
  // Held, since a client that nobody holds is closed with all its connections.
  private final HttpClientAgent client = mesh.vertx.createHttpClient(Connections.client());
  private final Badge badge = mesh.join(NODE, "machine-1");
  private HttpClientConnection connection = connect(Optional.of(badge.material()));

  private HttpClientConnection connect(Optional<KeyMaterial> shows) {
    return TestMesh.await(
        TestMesh.on(loop, () -> client.connect(TestDial.options(mesh.hub.port(), shows))));
  }

  @AfterEach
  void close() {
    mesh.close();
  }

  /// A call by hand, and what became of it.
  private final class Call {
    private final GrpcClientRequest<Buffer, Buffer> request;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger heard = new AtomicInteger();
    private volatile GrpcStatus status = GrpcStatus.OK;

    Call(ServiceMethod<Buffer, Buffer> method) {
      request =
          TestMesh.await(
              TestMesh.on(loop, () -> GrpcClient.client(mesh.vertx, connection).request(method)));
      TestMesh.on(
          loop,
          () -> {
            request.encoding("identity");
            request
                .response()
                .onFailure(_ -> over.set(true))
                .onSuccess(response -> {
                  if (response.status() != null) {
                    status = response.status();
                    over.set(true);
                    return;
                  }
                  response.errorHandler(_ -> over.set(true));
                  response.exceptionHandler(_ -> over.set(true));
                  response.endHandler(_ -> over.set(true));
                  response.messageHandler(_ -> heard.incrementAndGet());
                });
            return true;
          });
    }

    Call say(Buffer bytes) {
      TestMesh.on(
          loop,
          () -> {
            if (!over.get()) {
              request.write(bytes);
            }
            return true;
          });
      return this;
    }

    Call say(com.google.protobuf.MessageLite message) {
      return say(LinkMethods.bytes(message));
    }

    void awaitOver() {
      Eventually.until("the call's end", SOON, over::get);
    }
  }

  private Call pulse() {
    return new Call(LinkMethods.PULSE)
        .say(
            PulseUp.newBuilder()
                .setHello(Hello.newBuilder().setNodeId("virtuoso").setIncarnation(1))
                .setReport(ReportCodec.write(TestMesh.report("engine")))
                .build());
  }

  private Call slot(String backend) {
    return new Call(LinkMethods.SLOT)
        .say(SlotUp.newBuilder().setOffer(SlotOffer.newBuilder().setBackend(backend)).build());
  }

  private Call readySlot() {
    pulse();
    Call slot = slot("engine");
    Eventually.until("the slot", SOON, () -> mesh.heard.slots.get() == 1);
    return slot;
  }

  private static SlotUp head(int status) {
    return SlotUp.newBuilder().setHead(ResponseHead.newBuilder().setStatus(status)).build();
  }

  private static SlotUp chunk(int bytes) {
    return SlotUp.newBuilder().setChunk(ByteString.copyFrom(new byte[bytes])).build();
  }

  /// A request that has reached the peer.
  private Answer asked(Call slot) {
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the request", SOON, () -> slot.heard.get() > 0);
    return answer;
  }

  private Answer breaks(SlotUp... says) {
    Call slot = readySlot();
    Answer answer = asked(slot);
    for (SlotUp message : says) {
      slot.say(message);
    }
    Eventually.until("the exchange's end", SOON, answer::over);
    assertThat(answer.ended).isFalse();
    slot.awaitOver();
    return answer;
  }

  @Test
  void a_body_without_a_head_breaks_the_exchange() {
    assertThat(breaks(chunk(10)).failure.code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
  }

  @Test
  void an_end_without_a_head_is_no_end() {
    breaks(SlotUp.newBuilder().setEnd(ResponseEnd.getDefaultInstance()).build());
  }

  @Test
  void a_second_head_breaks_the_stream() {
    assertThat(breaks(head(200), head(200)).failure.code()).isEqualTo(FailureCode.BROKEN_STREAM);
  }

  @Test
  void a_status_that_is_none_breaks_the_exchange() {
    breaks(head(99));
  }

  @Test
  void an_empty_message_breaks_the_stream() {
    breaks(head(200), SlotUp.getDefaultInstance());
  }

  @Test
  void a_chunk_above_the_limit_breaks_the_stream() {
    breaks(head(200), chunk(64 * 1024 + 1));
  }

  @Test
  void a_message_far_above_the_limit_breaks_the_stream() {
    breaks(head(200), chunk(5_000_000));
  }

  @Test
  void talking_on_a_free_slot_closes_it() {
    Call slot = readySlot();
    slot.say(head(200));
    slot.awaitOver();
    Eventually.until("no slot", SOON, () -> mesh.heard.slots.get() == 0);
  }

  @Test
  void ending_the_stream_in_the_middle_of_an_answer_is_no_end() {
    Call slot = readySlot();
    Answer answer = asked(slot);
    slot.say(head(200)).say(chunk(10));
    TestMesh.on(loop, slot.request::end);
    Eventually.until("the exchange's end", SOON, answer::over);
    assertThat(answer.failure.code()).isEqualTo(FailureCode.BROKEN_STREAM);
  }

  @Test
  void a_slot_withdrawn_while_a_request_was_on_its_way_is_safe_to_leave() {
    Call slot = readySlot();
    Answer answer = asked(slot);
    TestMesh.on(loop, slot.request::end);
    Eventually.until("the exchange's end", SOON, answer::over);
    assertThat(answer.failure.code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
    assertThat(answer.failure.retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
  }

  @Test
  void a_slot_without_a_certificate_is_refused() {
    connection = connect(Optional.empty());
    Call slot = slot("engine");
    slot.awaitOver();
    assertThat(slot.status).isEqualTo(GrpcStatus.UNAUTHENTICATED);
  }

  @Test
  void asking_again_and_again_without_a_certificate_costs_the_connection() {
    connection = connect(Optional.empty());
    var closed = new AtomicBoolean();
    connection.closeHandler(_ -> closed.set(true));
    for (int i = 0; i < 8; i++) {
      slot("engine").awaitOver();
    }
    Eventually.until("the connection's end", SOON, closed::get);
  }

  @Test
  void more_slots_than_a_node_may_have_are_refused() {
    pulse();
    var slots = new ArrayList<Call>();
    for (int i = 0; i < LinkLimits.MAX_SLOTS_PER_NODE; i++) {
      slots.add(slot("engine"));
    }
    Eventually.until(
        "all slots", SOON, () -> mesh.heard.slots.get() == LinkLimits.MAX_SLOTS_PER_NODE);
    Call tooMany = slot("engine");
    tooMany.awaitOver();
    assertThat(tooMany.status).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
    assertThat(slots).noneMatch(slot -> slot.over.get());
  }

  @Test
  void more_backends_than_a_node_may_have_are_refused() {
    pulse();
    for (int i = 0; i < LinkLimits.MAX_BACKENDS_PER_NODE; i++) {
      slot("b" + i);
    }
    Call tooMany = slot("one-more");
    tooMany.awaitOver();
    assertThat(tooMany.status).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
  }

  @Test
  void a_pulse_without_a_greeting_is_closed() {
    Call pulse = new Call(LinkMethods.PULSE).say(PulseUp.newBuilder().setSeq(1).build());
    pulse.awaitOver();
    assertThat(mesh.heard.lines).isEmpty();
  }

  @Test
  void a_report_that_cannot_be_right_closes_the_pulse() {
    Call pulse = pulse();
    var report = NodeReport.newBuilder();
    for (int i = 0; i <= LinkLimits.MAX_BACKENDS_PER_NODE; i++) {
      report.addBackends(dev.tutti.wire.node.Backend.newBuilder().setName("b" + i));
    }
    pulse.say(PulseUp.newBuilder().setReport(report).build());
    pulse.awaitOver();
    Eventually.until("disconnected", SOON, () -> mesh.heard.lines.size() == 2);
    assertThat(mesh.heard.lines.getLast()).isEqualTo("disconnected virtuoso");
  }

  @Test
  void a_flood_on_the_pulse_closes_it() {
    Call pulse = pulse();
    for (int i = 0; i < 500; i++) {
      pulse.say(PulseUp.newBuilder().setSeq(i).build());
    }
    pulse.awaitOver();
  }

  @Test
  void bytes_that_are_no_message_close_the_pulse() {
    Call pulse = pulse();
    pulse.say(Buffer.buffer(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff}));
    pulse.awaitOver();
  }

  @Test
  void a_call_that_names_no_encoding_is_refused_before_it_can_pile_up() {
    assertThat(httpStatus("Slot", "application/grpc", "")).isEqualTo(415);
    assertThat(httpStatus("Slot", "application/grpc", "gzip")).isEqualTo(415);
    assertThat(httpStatus("Slot", "application/grpc-web-text", "identity")).isEqualTo(415);
    assertThat(httpStatus("Slot", "application/json", "identity")).isEqualTo(415);
    assertThat(httpStatus("Other", "application/grpc", "identity")).isEqualTo(415);
  }

  private int httpStatus(String method, String contentType, String encoding) {
    HttpClientRequest request =
        TestMesh.await(
            TestMesh.on(
                loop,
                () ->
                    connection.request(
                        new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setURI("/tutti.node.v1.NodeLink/" + method)
                            .putHeader("content-type", contentType))));
    return TestMesh.await(
            TestMesh.on(
                loop,
                () -> {
                  if (!encoding.isEmpty()) {
                    request.putHeader("grpc-encoding", encoding);
                  }
                  return request.send(Buffer.buffer(new byte[] {1, 0, 0, 0, 1, 0}));
                }))
        .statusCode();
  }

  @Test
  void bytes_that_are_no_message_break_the_exchange() {
    Call slot = readySlot();
    Answer answer = asked(slot);
    TestMesh.on(
        loop,
        () ->
            slot.request.writeMessage(
                io.vertx.grpc.common.GrpcMessage.message("identity", Buffer.buffer("junk"))));
    Eventually.until("the exchange's end", SOON, answer::over);
    assertThat(answer.ended).isFalse();
  }

  @Test
  void whatever_happened_the_hub_still_serves_an_honest_agent() {
    breaks(head(200), head(200));
    connection.close();
    Eventually.until("gone", SOON, () -> !mesh.heard.connected);
    var agent = mesh.dial(badge, 2, mesh.hub.port());
    agent.offer(1);
    Eventually.until(
        "the slot",
        SOON,
        () -> TestMesh.on(mesh.owner, () -> mesh.hub.freeSlots(NODE, "engine")) == 1);
    Answer answer = mesh.send("POST", "/api/chat", Buffer.buffer("hello"), Answer.reading());
    Eventually.until("the answer", SOON, answer::over);
    assertThat(answer.text()).isEqualTo("hello");
  }
}
