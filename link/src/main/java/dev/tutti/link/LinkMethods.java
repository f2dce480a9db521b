package dev.tutti.link;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcReadStream;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.util.function.Consumer;

/// The calls of the link, and how their messages become bytes and come back.
///
/// Calls carry bare bytes and messages are read here, so that a compressed message is refused
/// before anybody inflates it.
public final class LinkMethods {
  private static final ServiceName SERVICE = ServiceName.create("tutti.node.v1.NodeLink");

  /// A newcomer asks to join.
  public static final ServiceMethod<Buffer, Buffer> ENROL = method("Enrol");

  /// A node asks for its next certificate.
  public static final ServiceMethod<Buffer, Buffer> RENEW = method("Renew");

  /// Heartbeats and reports.
  public static final ServiceMethod<Buffer, Buffer> PULSE = method("Pulse");

  /// One slot.
  public static final ServiceMethod<Buffer, Buffer> SLOT = method("Slot");

  private LinkMethods() {}

  private static ServiceMethod<Buffer, Buffer> method(String name) {
    return ServiceMethod.server(
        SERVICE, name, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
  }

  /// The bytes of a message.
  public static Buffer bytes(MessageLite message) {
    return Buffer.buffer(message.toByteArray());
  }

  /// Hands each message of `stream` to `reader`, on the stream's loop. What is no such message, is
  /// compressed or has more than `maxBytes` goes to `refused`, as a reason without content; the
  /// stream is then the caller's to end.
  public static <M extends MessageLite> void read(
      GrpcReadStream<Buffer> stream,
      Parser<M> parser,
      int maxBytes,
      Consumer<M> reader,
      Consumer<String> refused) {
    stream.invalidMessageHandler(_ -> refused.accept("message above " + maxBytes + " bytes"));
    stream.messageHandler(message -> {
      if (!message.encoding().equals("identity")) {
        refused.accept("compressed message");
        return;
      }
      if (message.payload().length() > maxBytes) {
        refused.accept("message above " + maxBytes + " bytes");
        return;
      }
      M parsed;
      try {
        parsed = parser.parseFrom(message.payload().getBytes());
      } catch (InvalidProtocolBufferException broken) {
        refused.accept("bytes that are no message");
        return;
      }
      reader.accept(parsed);
    });
  }
}
