package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Work;
import dev.tutti.fleet.Health;
import dev.tutti.telemetry.EventKind;
import dev.tutti.telemetry.FeedEvent;
import dev.tutti.testkit.Eventually;
import dev.tutti.wire.mesh.MeshEvent;
import dev.tutti.wire.mesh.SubmitRequest;
import dev.tutti.wire.mesh.TaskEvent;
import dev.tutti.wire.mesh.WatchRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientGrpcTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final SubmitRequest HELLO =
      SubmitRequest.newBuilder().setModel("m").setPrompt("hi").build();

  private final Rig rig =
      new Rig(Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))));
  private final FakeEngine engine = rig.engine("eve/ollama");
  private final GrpcClient client = GrpcClient.client(rig.vertx);

  @AfterEach
  void close() {
    rig.close();
  }

  /// A call and what came of it.
  private final class Calling {
    final List<Buffer> messages = new CopyOnWriteArrayList<>();
    final CompletableFuture<GrpcStatus> end = new CompletableFuture<>();
    @Nullable GrpcClientRequest<Buffer, Buffer> request;

    Calling(String method, MessageLite message, String key) {
      ServiceMethod<Buffer, Buffer> service =
          ServiceMethod.client(
              ServiceName.create("tutti.mesh.v1.Mesh"),
              method,
              GrpcMessageEncoder.IDENTITY,
              GrpcMessageDecoder.IDENTITY);
      request =
          Rig.await(
              client
                  .request(SocketAddress.inetSocketAddress(rig.grpcPort(), "127.0.0.1"), service)
                  .toCompletionStage());
      if (!key.isEmpty()) {
        request.headers().set("authorization", "Bearer " + key);
      }
      request
          .response()
          .onSuccess(response -> {
            response.handler(messages::add);
            response.endHandler(_ -> end.complete(response.status()));
            response.exceptionHandler(end::completeExceptionally);
          })
          .onFailure(end::completeExceptionally);
      request.end(Buffer.buffer(message.toByteArray()));
    }

    List<TaskEvent> events() {
      return messages.stream().map(ClientGrpcTest::event).toList();
    }

    TaskEvent awaitEvent(TaskEvent.IsCase kind) {
      return Eventually.value(
          kind.name(),
          SOON,
          () ->
              events().stream()
                  .filter(event -> event.getIsCase() == kind)
                  .findFirst()
                  .orElse(null));
    }
  }

  private static TaskEvent event(Buffer bytes) {
    try {
      return TaskEvent.parseFrom(bytes.getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private FakeEngine.Play play() {
    return Eventually.value(
        "the attempt", SOON, () -> engine.plays.isEmpty() ? null : engine.plays.getFirst());
  }

  @Test
  void a_submission_streams_its_answer_and_ends_well() {
    var call = new Calling("Submit", HELLO, "");
    play().sayNow("one");
    assertThat(call.awaitEvent(TaskEvent.IsCase.CONTENT).getContent()).isEqualTo("one");
    play().sayNow("two");
    play().finishNow();

    assertThat(Rig.await(call.end)).isEqualTo(GrpcStatus.OK);
    assertThat(call.events())
        .extracting(TaskEvent::getIsCase)
        .containsExactly(
            TaskEvent.IsCase.ASSIGNED,
            TaskEvent.IsCase.CONTENT,
            TaskEvent.IsCase.CONTENT,
            TaskEvent.IsCase.DONE);
    assertThat(call.events().getFirst().getAssigned().getNode()).isEqualTo("eve");
    assertThat(call.events().getLast().getDone().getFinishReason()).isEqualTo("stop");
    assertThat(call.events().getLast().getDone().getOutputTokens()).isEqualTo(2);
  }

  @Test
  void the_fields_of_a_submission_mean_what_the_contract_says() {
    var call =
        new Calling(
            "Submit",
            HELLO.toBuilder()
                .setSystem("be brief")
                .setPriority(10)
                .setTtlMs(1_234)
                .setMaxTokens(7)
                .setSession("s")
                .addImages(ByteString.copyFromUtf8("picture"))
                .setSubstitute(true)
                .build(),
            "");
    call.awaitEvent(TaskEvent.IsCase.FAILED);
    assertThat(engine.plays).as("the only model cannot see").isEmpty();

    new Calling(
        "Submit",
        HELLO.toBuilder().setSystem("be brief").setPriority(10).setMaxTokens(7).build(),
        "");
    var task = play().task;
    assertThat(task.priority()).isEqualTo(9);
    assertThat(task.outputLimit()).isEqualTo(7);
    assertThat(task.work())
        .isInstanceOfSatisfying(
            Work.Chat.class,
            chat ->
                assertThat(chat.messages())
                    .extracting(Message::role, Message::text)
                    .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Message.Role.SYSTEM, "be brief"),
                        org.assertj.core.groups.Tuple.tuple(Message.Role.USER, "hi")));
  }

  @Test
  void a_second_submission_is_told_that_it_waits() {
    new Calling("Submit", HELLO, "");
    play();
    var second = new Calling("Submit", HELLO, "");
    assertThat(second.awaitEvent(TaskEvent.IsCase.QUEUED).getQueued().getPosition()).isEqualTo(1);
  }

  @Test
  void a_failure_is_the_last_event() {
    var call = new Calling("Submit", HELLO, "");
    play().sayNow("begun");
    play()
        .failNow(
            Failure.of(
                FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "the engine went away"));
    Rig.await(call.end);
    assertThat(call.events().getLast().getFailed().getCode()).isEqualTo("broken_stream");
    assertThat(call.events().getLast().getFailed().getMayHaveActed()).isTrue();
  }

  @Test
  void what_makes_no_sense_fails_without_a_task() {
    List<SubmitRequest> requests =
        List.of(
            SubmitRequest.getDefaultInstance(),
            HELLO.toBuilder().setPriority(11).build(),
            HELLO.toBuilder().setType("poetry").build(),
            HELLO.toBuilder().setType("embed").build(),
            HELLO.toBuilder().setNode("NOT A NODE").build(),
            HELLO.toBuilder().clearPrompt().build(),
            HELLO.toBuilder().setMaxTokens(-1).build());
    for (SubmitRequest request : requests) {
      var call = new Calling("Submit", request, "");
      assertThat(call.awaitEvent(TaskEvent.IsCase.FAILED).getFailed().getCode())
          .isEqualTo("invalid_request");
    }
    assertThat(engine.plays).isEmpty();
  }

  @Test
  void a_client_that_cancels_ends_the_attempt() {
    var call = new Calling("Submit", HELLO, "");
    play().sayNow("begun");
    call.awaitEvent(TaskEvent.IsCase.CONTENT);
    if (call.request != null) {
      call.request.cancel();
    }
    Eventually.until("the cancel", Duration.ofSeconds(1), () -> play().cancelled);
  }

  @Test
  void a_client_whose_connection_is_lost_ends_the_attempt() {
    new Calling("Submit", HELLO, "").awaitEvent(TaskEvent.IsCase.ASSIGNED);
    play();
    Rig.await(client.close().toCompletionStage());
    Eventually.until("the cancel", Duration.ofSeconds(1), () -> play().cancelled);
  }

  @Test
  void a_watcher_hears_what_happens_after_its_id() throws Exception {
    FeedEvent seen = rig.onOwner(() -> rig.feed.publish(EventKind.NODE_CHANGED, Map.of("n", 1)));
    rig.onOwner(() -> rig.feed.publish(EventKind.NODE_CHANGED, Map.of("n", 2)));
    var call = new Calling("Watch", WatchRequest.newBuilder().setAfterId(seen.id()).build(), "");
    Eventually.until("the missed event", SOON, () -> call.messages.size() == 1);
    rig.onOwner(() -> rig.feed.publish(EventKind.NODE_CHANGED, Map.of("n", 3)));
    Eventually.until("the new event", SOON, () -> call.messages.size() == 2);
    MeshEvent first = MeshEvent.parseFrom(call.messages.getFirst().getBytes());
    assertThat(first.getId()).isEqualTo(seen.id() + 1);
    assertThat(first.getKind()).isEqualTo("node.changed");
    assertThat(first.getJson()).contains("\"n\":2");
  }

  @Test
  void with_a_key_a_call_needs_it() {
    rig.needKeys(TestKeys.owner("ann"));
    assertThat(Rig.await(new Calling("Submit", HELLO, "").end))
        .isEqualTo(GrpcStatus.UNAUTHENTICATED);
    new Calling("Submit", HELLO, TestKeys.token("ann"));
    assertThat(play().task.principal()).isEqualTo("ann");
  }

  @Test
  void a_call_needs_a_key_for_what_it_does_and_ends_with_it() {
    rig.needKeys(TestKeys.user("ben"), TestKeys.owner("ann"));
    WatchRequest watch = WatchRequest.getDefaultInstance();
    assertThat(Rig.await(new Calling("Watch", watch, TestKeys.token("ben")).end))
        .isEqualTo(GrpcStatus.PERMISSION_DENIED);
    var watching = new Calling("Watch", watch, TestKeys.token("ann"));
    Eventually.until("somebody watches", SOON, () -> rig.onOwner(rig.feed::subscribers) == 1);
    rig.revoke("ann");
    assertThat(watching.end).failsWithin(SOON);
    Eventually.until("nobody watches", SOON, () -> rig.onOwner(rig.feed::subscribers) == 0);
    assertThat(Rig.await(new Calling("Watch", watch, TestKeys.token("ann")).end))
        .isEqualTo(GrpcStatus.UNAUTHENTICATED);
  }
}
