package checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule refuses what is planted, and accepts what looks much like it. */
class RulesTest {
    private static Map<String, Program> applets;

    @BeforeAll
    static void compileAll() {
        applets = Planted.applets(Stream.of(subset(), narrowing(), platform(), algorithms(), calls())
            .flatMap(rows -> rows).flatMap(row -> Stream.of((String) row.get()[2],
                (String) row.get()[3])).toList());
    }

    private static Arguments row(String condition, String rule, String refused, String accepted) {
        return Arguments.of(condition, rule, refused, accepted);
    }

    static Stream<Arguments> subset() {
        return Stream.of(
            row("int field", "subset", "int n;", "short n;"),
            row("long field", "subset", "long n;", "byte n;"),
            row("char array", "subset", "char[] n;", "byte[] n;"),
            row("int parameter", "subset", "void f(int n) { }", "void f(short n) { }"),
            row("int result", "subset", "int f() { return 1; }", "short f() { return 1; }"),
            row("float arithmetic", "subset", "short f(short a) { return (short) (a * 1.5f); }",
                "short f(short a) { return (short) (a * 2); }"),
            row("double arithmetic", "subset", "short f(short a) { return (short) (a / 2.0); }",
                "short f(short a) { return (short) (a / 2); }"),
            row("long arithmetic", "subset", "short f(short a) { return (short) (a + 1L); }",
                "short f(short a) { return (short) (a + 1); }"),
            row("cast to char", "subset", "short f(byte a) { return (short) (char) a; }",
                "short f(byte a) { return (short) (a & 0xFF); }"),
            row("int array", "subset", "Object f = new int[2];", "Object f = new short[2];"),
            row("array of arrays", "subset", "byte[][] f;", "Object[] f;"),
            row("array of arrays made", "subset", "Object f = new byte[2][2];",
                "Object f = new Object[2];"),
            row("array of arrays made halfway", "subset", "Object f = new byte[2][];",
                "Object f = new byte[2];"),
            row("string", "subset", "Object f = \"a\";", "Object f = null;"),
            row("class constant", "subset", "Object f = APDU.class;", "Object f = this;"),
            row("lambda", "subset", "Shareable2 f = () -> { }; interface Shareable2 { void g(); }",
                "Shareable2 f; interface Shareable2 { void g(); }"),
            row("synchronized method", "subset", "synchronized void f() { }", "void f() { }"),
            row("synchronized block", "subset", "void f() { synchronized (this) { } }",
                "void f() { { } }"),
            row("native method", "subset", "native void f();", "void f() { }"),
            row("assertion", "subset", "void f(short a) { assert a > 0; }",
                "void f(short a) { if (a > 0) { return; } }"),
            row("enum", "subset", "enum Kind { A }", "static class Kind { }"),
            row("default method", "subset", "interface G { default void g() { } }",
                "interface G { void g(); }"),
            row("finalizer", "subset", "protected void finalize() { }",
                "protected void finish() { }"));
    }

    static Stream<Arguments> narrowing() {
        return Stream.of(
            row("sum compared", "narrowing", "boolean f(short a) { return a + 1 > 3; }",
                "boolean f(short a) { return (short) (a + 1) > 3; }"),
            row("sum compared with zero", "narrowing", "boolean f(short a) { return a - 1 < 0; }",
                "boolean f(short a) { return (short) (a - 1) < 0; }"),
            row("sum as an index", "narrowing",
                "byte f(byte[] b, short i) { return b[i + 1]; }",
                "byte f(byte[] b, short i) { return b[(short) (i + 1)]; }"),
            row("sum as an index of a store", "narrowing",
                "void f(byte[] b, short i) { b[i + 1] = 0; }",
                "void f(byte[] b, short i) { b[(short) (i + 1)] = 0; }"),
            row("sum shifted right", "narrowing",
                "short f(short a) { return (short) ((a + 1) >> 1); }",
                "short f(short a) { return (short) ((short) (a + 1) >> 1); }"),
            row("product shifted right without a sign", "narrowing",
                "short f(short a) { return (short) ((a * 2) >>> 1); }",
                "short f(short a) { return (short) (a >>> 1); }"),
            row("left shift divided", "narrowing",
                "short f(short a) { return (short) ((a << 1) / 3); }",
                "short f(short a) { return (short) ((short) (a << 1) / 3); }"),
            row("negation divided", "narrowing", "short f(short a) { return (short) (-a % 3); }",
                "short f(short a) { return (short) ((short) -a % 3); }"),
            row("divided by a sum", "narrowing",
                "short f(short a) { return (short) (3 / (a + 1)); }",
                "short f(short a) { return (short) (3 / (short) (a + 1)); }"),
            row("quotient compared", "narrowing",
                "boolean f(short a, short b) { return a / b > 1; }",
                "boolean f(short a) { return a / 2 > 1; }"),
            row("mask of a sum compared", "narrowing",
                "boolean f(short a) { return ((a + 1) & 0x7F) == 0; }",
                "boolean f(short a) { return (a & 0x7F) == 0; }"),
            row("sum in a switch", "narrowing",
                "void f(short a) { switch (a + 1) { case 1: g(); break; default: } } void g() { }",
                "void f(short a) { switch (a) { case 1: g(); break; default: } } void g() { }"),
            row("sum as a length", "narrowing",
                "Planted(short n) { b = new byte[n + 1]; } Planted() { } byte[] b;",
                "Planted(short n) { b = new byte[(short) (n + 1)]; } Planted() { } byte[] b;"),
            row("sum kept in an int", "narrowing",
                "short f(short a) { int n = a + 1; return (short) n; }",
                "short f(short a) { short n = (short) (a + 1); return n; }"),
            row("int that counts", "narrowing",
                "void f() { for (int i = 0; i < 3; i++) { } }",
                "void f() { for (short i = 0; i < 3; i++) { } }"),
            row("sum passed on", "narrowing", "void f(short a) { g(a + 1); } void g(int a) { }",
                "void f(short a) { g((short) (a + 1)); } void g(short a) { }"),
            row("constant beyond a short", "narrowing",
                "short f(short a) { return (short) (a & 0xFFFF); }",
                "short f(short a) { return (short) (a & 0x7FFF); }"),
            row("one way of two is a sum", "narrowing",
                "boolean f(boolean c, short a) { return (c ? a + 1 : a) > 0; }",
                "boolean f(boolean c, short a) { return (c ? (short) (a + 1) : a) > 0; }"));
    }

    static Stream<Arguments> platform() {
        return Stream.of(
            row("class that isn't there", "api", "Object f = new java.util.ArrayList<>();",
                "Object f = new Object();"),
            row("method that isn't there", "api", "boolean f() { return hashCode() == 0; }",
                "boolean f() { return equals(null); }"),
            row("message of an exception", "api",
                "void f() { throw new SecurityException(g); } static final String g = null;",
                "void run(byte[] b) { } Object f = new SecurityException();"),
            row("exception that isn't there", "api",
                "void f() { try { run(null); } catch (IllegalStateException e) { } }",
                "void f() { try { run(null); } catch (SecurityException e) { } }"),
            row("interface that isn't there", "api", "static class F implements Runnable {"
                + " public void run() { } }", "static class F implements Shareable {"
                + " public void run() { } }"),
            row("generic collection", "api", "Object f(java.util.List<AID> l) { return l.get(0); }",
                "Object f(Object[] l) { return (AID) l[0]; }"),
            row("printing", "api", "void f() { System.out.println(); }", "void f() { }"),
            row("static field that is computed", "initialiser",
                "static final short F = g(); static short g() { return 1; }",
                "static final short F = (short) (1 + 1); static short g() { return 1; }"),
            row("static object", "initialiser", "static final Object F = new Object();",
                "static Object F;"),
            row("static array of objects", "initialiser", "static Object[] F = new Object[1];",
                "static byte[] F = new byte[1];"),
            row("length of a constant array", "initialiser",
                "static final byte[] A = {1}; static final short N = (short) A.length;",
                "static final byte[] A = {1}; static final short N = 1;"));
    }

    static Stream<Arguments> algorithms() {
        return Stream.of(
            row("signature of a hash", "absent",
                "short f(Signature s, byte[] b) { return s.signPreComputedHash(b, (short) 0,"
                + " (short) 32, b, (short) 0); }",
                "short f(Signature s, byte[] b) { return s.sign(b, (short) 0, (short) 32, b,"
                + " (short) 0); }"),
            row("agreement on x and y", "absent", agreement("ALG_EC_SVDP_DH_PLAIN_XY"),
                agreement("ALG_EC_SVDP_DH_PLAIN")),
            row("AES-GCM", "absent", cipher("AEADCipher.ALG_AES_GCM"),
                cipher("Cipher.ALG_AES_BLOCK_128_CBC_NOPAD")),
            row("AES with padding", "absent", cipher("Cipher.ALG_AES_CBC_ISO9797_M1"),
                cipher("Cipher.ALG_AES_BLOCK_128_ECB_NOPAD")),
            row("AES with PKCS #5", "absent", cipher("Cipher.ALG_AES_CBC_PKCS5"),
                cipher("Cipher.ALG_DES_CBC_NOPAD")),
            row("HMAC", "absent", signature("ALG_HMAC_SHA_256"), signature("ALG_ECDSA_SHA_256")),
            row("parts of an algorithm", "absent",
                "Object f = Cipher.getInstance(Cipher.CIPHER_AES_CBC, Cipher.PAD_NOPAD, false);",
                cipher("Cipher.ALG_AES_BLOCK_128_CBC_NOPAD")),
            row("algorithm in a parameter", "absent", "Object f = g(KeyAgreement."
                + "ALG_EC_SVDP_DH_PLAIN_XY); Object g(byte a) { try { return"
                + " KeyAgreement.getInstance(a, false); } catch (CryptoException e) {"
                + " return null; } }", "Object f = g(KeyAgreement."
                + "ALG_EC_SVDP_DH_PLAIN); Object g(byte a) { try { return"
                + " KeyAgreement.getInstance(a, false); } catch (CryptoException e) {"
                + " return null; } }"),
            row("algorithm that nobody can tell", "absent",
                "byte a; Object f = digest(a); Object digest(byte a) { return"
                + " MessageDigest.getInstance(a, false); }",
                "Object f = digest((byte) 4); Object digest(byte a) { return"
                + " MessageDigest.getInstance(a, false); }"),
            row("transient private key of a curve", "absent", key("EC_FP_PRIVATE_TRANSIENT_RESET",
                "EC_FP_256"), key("EC_FP_PRIVATE", "EC_FP_256")),
            row("HMAC key", "absent", key("HMAC", "HMAC_SHA_256_BLOCK_64"), key("AES", "AES_128")),
            row("optional package", "absent", "short f(byte[] b) { return"
                + " javacardx.framework.util.ArrayLogic.arrayCopyRepack(b, (short) 0, (short) 1, b,"
                + " (short) 0); }", "short f(byte[] b) { return Util.arrayCopy(b, (short) 0, b,"
                + " (short) 0, (short) 1); }"),
            row("RSA size that a simulator takes", "rsa",
                "Object f = KeyBuilder.buildKey(KeyBuilder.TYPE_RSA_PUBLIC, (short) 1100, false);",
                "Object f = KeyBuilder.buildKey(KeyBuilder.TYPE_RSA_PUBLIC, (short) 1024, false);"),
            row("RSA pair's size", "rsa", "Object f = new KeyPair(KeyPair.ALG_RSA_CRT,"
                + " (short) 4096);", "Object f = new KeyPair(KeyPair.ALG_RSA_CRT, (short) 2048);"),
            row("algorithm that nothing catches", "unguarded",
                "Object f = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);",
                "Object f = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);"));
    }

    private static String agreement(String algorithm) {
        return caught("KeyAgreement.getInstance(KeyAgreement." + algorithm + ", false)");
    }

    private static String cipher(String algorithm) {
        return caught("Cipher.getInstance(" + algorithm + ", false)");
    }

    private static String signature(String algorithm) {
        return caught("Signature.getInstance(Signature." + algorithm + ", false)");
    }

    private static String caught(String value) {
        return "Object f = g(); Object g() { try { return " + value
            + "; } catch (CryptoException e) { return null; } }";
    }

    private static String key(String type, String length) {
        return "Object f = KeyBuilder.buildKey(KeyBuilder.TYPE_" + type + ", KeyBuilder.LENGTH_"
            + length + ", false);";
    }

    static Stream<Arguments> calls() {
        String deep = Stream.iterate(0, i -> i + 1).limit(40).map(i -> "void f" + i
            + "(short a, short b, short c) { f" + (i + 1) + "(a, b, c); } ")
            .collect(Collectors.joining()) + "void f40(short a, short b, short c) { } ";
        return Stream.of(
            row("array made by a command", "allocation",
                "void run(byte[] b) { f = new byte[2]; } byte[] f;",
                "void run(byte[] b) { f[0] = 1; } byte[] f = new byte[2];"),
            row("array made far below a command", "allocation",
                "void run(byte[] b) { g(); } void g() { h(); } void h() { f = new byte[2]; }"
                + " byte[] f;",
                "Planted() { g(); } void g() { h(); } void h() { f = new byte[2]; } byte[] f;"),
            row("exception made by a command", "allocation",
                "void run(byte[] b) { throw new ISOException((short) 1); }",
                "void run(byte[] b) { ISOException.throwIt((short) 1); }"),
            row("transient array made at selection", "allocation",
                "public boolean select() { f = JCSystem.makeTransientByteArray((short) 2,"
                + " JCSystem.CLEAR_ON_RESET); return true; } byte[] f;",
                "public boolean select() { return true; } byte[] f ="
                + " JCSystem.makeTransientByteArray((short) 2, JCSystem.CLEAR_ON_RESET);"),
            row("algorithm made by a command", "allocation", "void run(byte[] b) { f ="
                + " MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false); } Object f;",
                "Object f = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);"),
            row("allocation behind an interface", "allocation",
                "G g = new H(); void run(byte[] b) { g.go(); } interface G { Object go(); }"
                + " static class H implements G { public Object go() { return new byte[1]; } }",
                "G g = new H(); void run(byte[] b) { g.go(); } interface G { Object go(); }"
                + " static class H implements G { public Object go() { return null; } }"),
            row("allocation for another applet", "allocation",
                "static class F implements Shareable { public void f() { new Object(); } }",
                "static class F implements Shareable { public void f() { } }"),
            row("recursion", "depth", "void run(byte[] b) { f(); } void f() { g(); }"
                + " void g() { f(); }", "void run(byte[] b) { f(); } void f() { g(); }"
                + " void g() { }"),
            row("deep chain of calls", "depth", "void run(byte[] b) { f0((short) 1, (short) 2,"
                + " (short) 3); } " + deep, "void run(byte[] b) { f35((short) 1, (short) 2,"
                + " (short) 3); } " + deep),
            row("too many fields", "limit", fields(256), fields(255)),
            row("transaction that stays open", "transaction",
                "void run(byte[] b) { JCSystem.beginTransaction(); b[0] = 1; }",
                "void run(byte[] b) { JCSystem.beginTransaction(); b[0] = 1;"
                + " JCSystem.commitTransaction(); }"),
            row("transaction that one way leaves open", "transaction",
                "void run(byte[] b) { JCSystem.beginTransaction(); if (b[0] == 0) { return; }"
                + " JCSystem.commitTransaction(); }",
                "void run(byte[] b) { JCSystem.beginTransaction(); if (b[0] == 0) {"
                + " ISOException.throwIt((short) 1); } JCSystem.commitTransaction(); }"),
            row("transaction within a transaction", "transaction",
                "void run(byte[] b) { begin(); begin(); JCSystem.commitTransaction(); }"
                + " void begin() { JCSystem.beginTransaction(); }",
                "void run(byte[] b) { begin(); JCSystem.commitTransaction(); begin();"
                + " JCSystem.commitTransaction(); } void begin() { JCSystem.beginTransaction(); }"),
            row("atomic copy beyond a transaction", "transaction",
                "void run(byte[] b) { copy(b, (short) 701); } void copy(byte[] b, short n) {"
                + " Util.arrayCopy(b, (short) 0, b, (short) 1, n); }",
                "void run(byte[] b) { copy(b, (short) 700); } void copy(byte[] b, short n) {"
                + " Util.arrayCopy(b, (short) 0, b, (short) 1, n); }"),
            row("atomic fill beyond a transaction", "transaction",
                "void run(byte[] b) { Util.arrayFill(b, (short) 0, (short) 701, (byte) 0); }",
                "void run(byte[] b) {"
                + " Util.arrayFillNonAtomic(b, (short) 0, (short) 701, (byte) 0); }"),
            row("commit of nothing", "transaction",
                "void run(byte[] b) { JCSystem.commitTransaction(); }",
                "void run(byte[] b) { JCSystem.beginTransaction(); JCSystem.abortTransaction(); }"));
    }

    private static String fields(int count) {
        return Stream.iterate(0, i -> i + 1).limit(count).map(i -> "byte f" + i + "; ")
            .collect(Collectors.joining());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"subset", "narrowing", "platform", "algorithms", "calls"})
    void refuses(String condition, String rule, String refused, String accepted) {
        List<Finding> found = findings(refused);
        assertFalse(found.stream().noneMatch(finding -> finding.rule().equals(rule)),
            () -> rule + " finds nothing: " + found);
        assertEquals(List.of(), findings(accepted), "what looks like it");
    }

    private static List<Finding> findings(String members) {
        return Checker.check(applets.get(members), Settings.none()).findings();
    }
}
