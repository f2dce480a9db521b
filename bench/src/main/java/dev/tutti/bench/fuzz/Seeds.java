package dev.tutti.bench.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.discovery.DiscoveryReaders;
import dev.tutti.discovery.HubNotice;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.Proof;
import dev.tutti.link.trust.SafetyCode;
import dev.tutti.wire.mesh.ChatMessage;
import dev.tutti.wire.mesh.SubmitRequest;
import dev.tutti.wire.node.EnrolRequest;
import dev.tutti.wire.node.ExchangeFailure;
import dev.tutti.wire.node.Hello;
import dev.tutti.wire.node.PulseUp;
import dev.tutti.wire.node.RenewReply;
import dev.tutti.wire.node.RequestEnd;
import dev.tutti.wire.node.RequestHead;
import dev.tutti.wire.node.ResponseHead;
import dev.tutti.wire.node.SlotDown;
import dev.tutti.wire.node.SlotOffer;
import dev.tutti.wire.node.SlotUp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import javax.jmdns.ServiceInfo;
import javax.jmdns.impl.DNSOutgoing;
import javax.jmdns.impl.DNSRecord;
import javax.jmdns.impl.HostInfo;
import javax.jmdns.impl.ServiceInfoImpl;
import javax.jmdns.impl.constants.DNSConstants;
import javax.jmdns.impl.constants.DNSRecordClass;

/// Valid inputs for fuzzing to begin with, written by our own encoders.
final class Seeds {
  private Seeds() {}

  static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static List<byte[]> messages(MessageLite... messages) {
    return Stream.of(messages).map(MessageLite::toByteArray).toList();
  }

  // ---- clients

  static List<byte[]> credentials() {
    String key = Callers.KEY.text();
    return texts(
        "Bearer " + key + "\n\n\n127.0.0.1",
        "\n" + key + "\nsession\nfe80::1%lan",
        "Basic dXNlcjpwYXNz\n" + key + "\n\n::ffff:192.168.1.7",
        "bearer " + key.substring(0, key.length() - 1) + "\nollama\n\n100.64.0.1");
  }

  static List<byte[]> heads() {
    return texts(
        "limit=20&order=asc\nllama3.1%3A8b\nlocalhost:8765\nhttp://localhost:3000\nx-api-key",
        "a=b&limit=%C3%A4+b\na%2Fb\n192.168.1.5\nhttps://evil.example\ncontent-type, x-tutti-type",
        "limit\nm\nhub.local:1\nvscode-webview://x\n,",
        "limit=\nm\n[::1]:8765\nhttp://[::1]:8765\nauthorization");
  }

  static List<byte[]> encoded() {
    byte[] body =
        "{\"model\":\"m\",\"prompt\":\"hello hello hello hello\"}".getBytes(StandardCharsets.UTF_8);
    return List.of(
        squeezed(body, GZIPOutputStream::new),
        squeezed(new byte[100_000], GZIPOutputStream::new),
        squeezed(body, DeflaterOutputStream::new),
        squeezed(new byte[100_000], DeflaterOutputStream::new),
        // A frame of Zstandard with one raw block (RFC 8878, section 3.1.1).
        new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x20, 2, 0x11, 0, 0, '{', '}'},
        // One with a block of one byte, repeated.
        new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0x20, 4, 0x23, 0, 0, ' '});
  }

  private interface Squeezer {
    OutputStream around(OutputStream out) throws IOException;
  }

  private static byte[] squeezed(byte[] body, Squeezer squeezer) {
    var out = new ByteArrayOutputStream();
    try (OutputStream in = squeezer.around(out)) {
      in.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static List<byte[]> commands() {
    return texts(
        "{}",
        "{\"name\":\"bob\",\"slots\":4,\"budget\":2.5,\"scopes\":[\"infer\"],\"local\":true,"
            + "\"rights\":{\"tier\":\"guest\"}}",
        "{\"name\":null,\"slots\":1e3,\"budget\":123456789012345678901234567890,\"scopes\":[1]}");
  }

  static List<byte[]> submissions() {
    return messages(
        SubmitRequest.newBuilder().setModel("m").setPrompt("hello").setMaxTokens(5).build(),
        SubmitRequest.newBuilder()
            .setModel("auto")
            .setType("vision")
            .setSystem("be brief")
            .addMessages(ChatMessage.newBuilder().setRole("user").setContent("what is it?"))
            .addImages(ByteString.copyFromUtf8("PNG"))
            .setHasTemperature(true)
            .setTemperature(0.5)
            .setPriority(10)
            .setTtlMs(1_000)
            .setNode("bob")
            .setSession("s")
            .build());
  }

  // ---- hub and agents

  static List<byte[]> enrolment() {
    byte[] csr = FreshKey.request(Mesh.KEY);
    var number = new byte[SafetyCode.NUMBER_BYTES];
    return List.of(
        csr,
        EnrolRequest.newBuilder()
            .setCsr(ByteString.copyFrom(csr))
            .setTokenId("AAAAAAAAAAA")
            .setProof(ByteString.copyFrom(Proof.of(Proof.keyOf("AAAAAAAAAAA", "s"), number, csr)))
            .setHost("virtuoso")
            .setVersion("1")
            .setMachineKey("machine-1")
            .build()
            .toByteArray(),
        EnrolRequest.newBuilder()
            .setNodeId("virtuoso")
            .setCsr(ByteString.copyFrom(csr))
            .setCommitment(ByteString.copyFrom(SafetyCode.commitment(number)))
            .setNumber(ByteString.copyFrom(number))
            .setPendingId("p")
            .build()
            .toByteArray());
  }

  static List<byte[]> tokens() {
    return texts(
        JoinToken.fresh(Mesh.AUTHORITY.pin(), Mesh.RANDOM).text(),
        " " + JoinToken.fresh(Mesh.AUTHORITY.pin(), Mesh.RANDOM).text() + "\n",
        "spiffe://hub-1/node/00000000-0000-4000-8000-000000000001",
        "spiffe://hub-1/hub/hub-1");
  }

  static List<byte[]> certificates() {
    return messages(
        RenewReply.newBuilder()
            .addAllChain(Mesh.ISSUED.chain().stream().map(Seeds::der).toList())
            .addAllPins(Mesh.ISSUED.pins().stream().map(Pin::text).toList())
            .build(),
        RenewReply.newBuilder().setRemoved(true).setReason("the node was removed").build());
  }

  private static ByteString der(X509Certificate certificate) {
    try {
      return ByteString.copyFrom(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate has bytes", e);
    }
  }

  static List<byte[]> messages() {
    return messages(
        PulseUp.newBuilder()
            .setHello(Hello.newBuilder().setNodeId("bob").setIncarnation(1).setVersion("1"))
            .setReport(ReportCodec.write(report()))
            .setSeq(1)
            .build(),
        SlotUp.newBuilder().setOffer(SlotOffer.newBuilder().setBackend("ollama")).build(),
        SlotUp.newBuilder()
            .setHead(
                ResponseHead.newBuilder()
                    .setStatus(200)
                    .putHeaders("content-type", "application/x-ndjson"))
            .build(),
        SlotUp.newBuilder()
            .setFailure(
                ExchangeFailure.newBuilder().setKind(ExchangeFailure.Kind.BUSY).setMessage("busy"))
            .build(),
        head("POST", "/api/chat", Map.of("content-type", "application/json")),
        head("GET", "/v1/models?after=x", Map.of("Authorization", "Bearer x")),
        head("DELETE", "/api/delete", Map.of("x-tutti-administrator", "true")),
        head(
            "HEAD", "/api/blobs/sha256:" + "0".repeat(64), Map.of("x-tutti-administrator", "true")),
        SlotDown.newBuilder().setChunk(ByteString.copyFromUtf8("{}")).build(),
        SlotDown.newBuilder().setEnd(RequestEnd.getDefaultInstance()).build());
  }

  private static SlotDown head(String method, String path, Map<String, String> headers) {
    return SlotDown.newBuilder()
        .setHead(RequestHead.newBuilder().setMethod(method).setPath(path).putAllHeaders(headers))
        .build();
  }

  static List<byte[]> reports() {
    return messages(ReportCodec.write(report()));
  }

  private static NodeReport report() {
    var model =
        new ModelFacts(
            new ModelName("qwen3:8b"),
            ModelType.TEXT,
            Bytes.ofGibi(5),
            "sha256:00",
            40_960,
            new ModelFacts.Loaded(true, Bytes.ofGibi(6), Bytes.UNKNOWN, 8_192, ""),
            List.of("completion", "tools"),
            Map.of("family", "qwen3"),
            "2026-01-01T00:00:00Z");
    var facts = new BackendFacts(BackendKind.OLLAMA, "0.17.1", 2, List.of(model), false);
    return new NodeReport(
        "virtuoso.local",
        NodeRole.LLM_WORKER,
        Hardware.UNKNOWN,
        List.of(
            new NodeReport.Backend(
                "ollama", "http://127.0.0.1:11434", facts, Health.UP, "", Set.of("a", "b"))));
  }

  // ---- engines and the LAN

  static List<byte[]> engines() {
    return texts(
        """
        {"models":[{"name":"llama3.1:8b","model":"llama3.1:8b","size":4920753328,
        "modified_at":"2026-01-01T00:00:00Z","digest":"46e0c10c039e","details":{"family":"llama",
        "parameter_size":"8.0B","quantization_level":"Q4_K_M","context_length":131072},
        "capabilities":["completion","tools"],"size_vram":1,"expires_at":"2026-01-01T00:05:00Z"}]}
        """,
        """
        {"capabilities":["completion"],"model_info":{"general.architecture":"llama",
        "llama.context_length":131072,"llama.block_count":32,"llama.attention.head_count":32,
        "llama.attention.head_count_kv":8,"llama.embedding_length":4096}}
        """,
        """
        {"object":"list","data":[{"id":"m.gguf","owned_by":"llamacpp","max_model_len":4096,
        "context_length":8192,"state":"loaded","type":"vlm","arch":"llama",
        "loaded_context_length":4096,"status":{"value":"loaded"},"meta":{"n_ctx_train":131072,
        "n_params":8030261312,"size":4912898304,"ftype":"Q4_K - Medium"}}],
        "model_path":"/m.gguf","chat_template":"x","chat_template_caps":{"supports_tools":true},
        "modalities":{"vision":true},"default_generation_settings":{"n_ctx":8192}}
        """,
        """
        {"models":[{"type":"llm","key":"qwen/qwen3-4b","architecture":"qwen3",
        "quantization":{"name":"4bit"},"size_bytes":2279093246,"params_string":"4B",
        "loaded_instances":[{"id":"x","config":{"context_length":4096}}],
        "max_context_length":262144,"format":"mlx","capabilities":{"vision":false}}]}
        """,
        """
        {"data":[{"type":"model","id":"claude","max_input_tokens":200000}],"has_more":false}
        """);
  }

  static List<byte[]> packets() {
    ServiceInfo info =
        DiscoveryReaders.announcement(new HubNotice("hub-1", "0.1.0", 8766, "/mesh/v1"));
    try {
      var host =
          HostInfo.newHostInfo(
              InetAddress.getByAddress(new byte[] {(byte) 192, (byte) 168, 1, 7}), null, "hub-1");
      var out = new DNSOutgoing(DNSConstants.FLAGS_QR_RESPONSE | DNSConstants.FLAGS_AA, true);
      var service = (ServiceInfoImpl) info;
      for (DNSRecord record :
          service.answers(DNSRecordClass.CLASS_IN, true, DNSConstants.DNS_TTL, host)) {
        out.addAnswer(record, 0);
      }
      for (DNSRecord record : host.answers(DNSRecordClass.CLASS_IN, true, DNSConstants.DNS_TTL)) {
        out.addAnswer(record, 0);
      }
      return List.of(out.data());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
