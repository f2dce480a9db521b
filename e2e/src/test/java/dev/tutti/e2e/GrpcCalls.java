package dev.tutti.e2e;

import dev.tutti.wire.mesh.MeshEvent;
import dev.tutti.wire.mesh.SubmitRequest;
import dev.tutti.wire.mesh.TaskEvent;
import dev.tutti.wire.mesh.WatchRequest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A client of the hub's gRPC port.
final class GrpcCalls implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private static final ServiceName MESH = ServiceName.create("tutti.mesh.v1.Mesh");

  private final Vertx vertx = Vertx.vertx();
  private final GrpcClient client = GrpcClient.client(vertx);
  private final SocketAddress hub;

  GrpcCalls(int port) {
    this.hub = SocketAddress.inetSocketAddress(port, "127.0.0.1");
  }

  /// A call, what it was told so far, and how it ended.
  record Calling<E>(List<E> events, CompletableFuture<GrpcStatus> end) {}

  /// Every event of one task, up to its end.
  List<TaskEvent> submit(SubmitRequest request) {
    Calling<TaskEvent> call =
        call(
            "Submit",
            request.toByteArray(),
            bytes -> sound(() -> TaskEvent.parseFrom(bytes.getBytes())));
    GrpcStatus status = await(call.end());
    if (status != GrpcStatus.OK) {
      throw new AssertionError("Submit ended with " + status + " after " + call.events());
    }
    return call.events();
  }

  /// The events of the mesh from now on.
  Calling<MeshEvent> watch() {
    return call(
        "Watch",
        WatchRequest.getDefaultInstance().toByteArray(),
        bytes -> sound(() -> MeshEvent.parseFrom(bytes.getBytes())));
  }

  private <E> Calling<E> call(String method, byte[] message, Function<Buffer, E> reader) {
    ServiceMethod<Buffer, Buffer> service =
        ServiceMethod.client(
            MESH, method, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
    var calling = new Calling<E>(new CopyOnWriteArrayList<>(), new CompletableFuture<>());
    var request = await(client.request(hub, service).toCompletionStage().toCompletableFuture());
    request
        .response()
        .onSuccess(response -> {
          response.handler(bytes -> calling.events().add(reader.apply(bytes)));
          response.endHandler(_ -> calling.end().complete(response.status()));
          response.exceptionHandler(calling.end()::completeExceptionally);
        })
        .onFailure(calling.end()::completeExceptionally);
    await(request.end(Buffer.buffer(message)).toCompletionStage().toCompletableFuture());
    return calling;
  }

  private static <T> T sound(Callable<T> parsing) {
    try {
      return parsing.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    await(vertx.close().toCompletionStage().toCompletableFuture());
  }
}
