package checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;

/**
 * Refuses algorithms and keys that cards with Java Card 3.0.5 lack, or most of them, whatever the
 * API or a simulator has; and those that some lack where nothing catches that.
 */
final class AlgorithmRule implements Rule {
    private static final String ABSENT = "absent";
    private static final String UNGUARDED = "unguarded";
    private static final String CIPHER = "javacardx/crypto/Cipher";
    private static final String SIGNATURE = "javacard/security/Signature";
    private static final String AGREEMENT = "javacard/security/KeyAgreement";
    private static final String BUILDER = "javacard/security/KeyBuilder";
    private static final String DIGEST = "javacard/security/MessageDigest";
    private static final String RANDOM = "javacard/security/RandomData";

    /** By class: algorithms, the first argument of getInstance, that hardly a card has. */
    private static final Map<String, Map<Integer, String>> HARDLY = Map.of(
        CIPHER, Map.of(22, "AES with ISO 9797-1 padding: pad by hand",
            23, "AES with ISO 9797-1 padding: pad by hand", 24, "AES with PKCS #5 padding",
            25, "AES with ISO 9797-1 padding: pad by hand",
            26, "AES with ISO 9797-1 padding: pad by hand", 27, "AES with PKCS #5 padding",
            -13, "AES-GCM", -14, "AES-CCM", -16, "AES in counter mode"),
        SIGNATURE, Map.of(25, "HMAC: make it of SHA-256", 26, "HMAC: make it of SHA-384",
            27, "HMAC: make it of SHA-512", 38, "ECDSA with SHA-512"),
        AGREEMENT, Map.of(5, "PACE's mapping", 6, "ECDH that gives x and y: ALG_EC_SVDP_DH_PLAIN"),
        DIGEST, Map.of(8, "SHA-3", 9, "SHA-3", 10, "SHA-3", 11, "SHA-3"),
        RANDOM, Map.of(3, "ALG_TRNG: ALG_SECURE_RANDOM", 4, "ALG_PRESEEDED_DRBG",
            5, "ALG_FAST", 6, "ALG_KEYGENERATION: ALG_SECURE_RANDOM"));

    /** By class: those that every card has; of the others some lack each. */
    private static final Map<String, Set<Integer>> ALWAYS = Map.of(
        DIGEST, Set.of(1, 4), RANDOM, Set.of(1, 2), CIPHER, Set.of(), SIGNATURE, Set.of(),
        AGREEMENT, Set.of(), "javacard/security/Checksum", Set.of());

    private static final Set<Integer> TRANSIENT_EC = Set.of(28, 29, 30, 31);
    private static final Set<Integer> RSA = Set.of(4, 5, 6, 22, 23, 24, 25);
    private static final Set<Integer> EC_PRIME = Set.of(11, 12);
    private static final Set<Integer> RSA_SIZES = Set.of(1024, 1280, 1536, 1984, 2048);
    private static final Set<Integer> EC_SIZES = Set.of(160, 192, 224, 256, 384);

    @Override
    public List<Finding> check(Subject subject) {
        Constants constants = new Constants(subject);
        List<Finding> findings = new ArrayList<>();
        for (Program.Member member : subject.program().members()) {
            for (AbstractInsnNode insn : member.method().instructions) {
                if (insn instanceof MethodInsnNode call && !subject.program().has(call.owner)) {
                    check(constants, member, call, findings);
                }
            }
        }
        return findings;
    }

    private static void check(Constants constants, Program.Member member, MethodInsnNode call,
            List<Finding> findings) {
        String absent = absent(call);
        if (absent != null) {
            findings.add(finding(ABSENT, member, call, absent));
        } else if (call.owner.equals(BUILDER) && call.name.equals("buildKey")) {
            checkKey(constants.argument(member, call, 0), constants.argument(member, call, 1),
                member, call, findings);
        } else if (call.owner.equals("javacard/security/KeyPair") && call.desc.equals("(BS)V")) {
            checkPair(constants.argument(member, call, 0), constants.argument(member, call, 1),
                member, call, findings);
        } else if (call.name.equals("getInstance") && ALWAYS.containsKey(call.owner)) {
            checkAlgorithm(constants.argument(member, call, 0), member, call, findings);
        }
    }

    private static Finding finding(String rule, Program.Member member, MethodInsnNode call,
            String text) {
        return Finding.of(rule, member.type(), member.method(), call, text);
    }

    /** Says what few cards have whatever the arguments are, or null. */
    private static String absent(MethodInsnNode call) {
        if (call.name.equals("signPreComputedHash") || call.name.equals("setInitialDigest")) {
            return "few cards have " + call.name + ": let the card hash what it signs";
        }
        if (call.name.equals("buildKeyWithSharedDomain") || call.owner.contains("$OneShot")
                || call.name.equals("getInitializedMessageDigestInstance")) {
            return "few cards have " + Finding.dotted(call.owner) + "." + call.name;
        }
        if (call.owner.equals("javacardx/crypto/AEADCipher")) {
            return "few cards have AEAD ciphers, GCM and CCM: AES-CBC and a MAC";
        }
        if (call.name.equals("getInstance") && call.desc.startsWith("(BB")) {
            return "few cards have getInstance with parts of an algorithm: use the one number";
        }
        return Api.isOptional(call.owner)
            ? "few cards have the optional package of " + Finding.dotted(call.owner) : null;
    }

    private static void checkAlgorithm(Set<Integer> algorithms, Program.Member member,
            MethodInsnNode call, List<Finding> findings) {
        if (algorithms.isEmpty()) {
            findings.add(finding(ABSENT, member, call, "which algorithm can't be told: name it"));
        }
        boolean isAlways = true;
        for (int algorithm : algorithms) {
            String absent = HARDLY.getOrDefault(call.owner, Map.of()).get(algorithm);
            if (absent != null) {
                findings.add(finding(ABSENT, member, call, "few cards have " + absent));
            }
            isAlways &= ALWAYS.get(call.owner).contains(algorithm);
        }
        if (!isAlways && !isGuarded(member, call)) {
            findings.add(finding(UNGUARDED, member, call, "some cards lack this algorithm, and then"
                + " the applet can't be installed: catch CryptoException and go without"));
        }
    }

    private static boolean isGuarded(Program.Member member, AbstractInsnNode insn) {
        var instructions = member.method().instructions;
        int at = instructions.indexOf(insn);
        for (TryCatchBlockNode block : member.method().tryCatchBlocks) {
            boolean catches = "javacard/security/CryptoException".equals(block.type)
                || "javacard/framework/CardRuntimeException".equals(block.type)
                || "java/lang/RuntimeException".equals(block.type);
            if (catches && instructions.indexOf(block.start) <= at
                    && at < instructions.indexOf(block.end)) {
                return true;
            }
        }
        return false;
    }

    private static void checkKey(Set<Integer> types, Set<Integer> sizes, Program.Member member,
            MethodInsnNode call, List<Finding> findings) {
        if (types.isEmpty() || sizes.isEmpty()) {
            findings.add(finding(ABSENT, member, call, "which key can't be told: name it"));
            return;
        }
        if (types.stream().anyMatch(TRANSIENT_EC::contains)) {
            findings.add(finding(ABSENT, member, call,
                "few cards have transient EC keys: keep a persistent one to overwrite"));
        }
        if (types.stream().anyMatch(type -> type >= 32 || type == 19 || type == 20 || type == 21)) {
            findings.add(finding(ABSENT, member, call, "few cards have keys of this type"));
        }
        checkSizes(types.stream().anyMatch(RSA::contains),
            types.stream().anyMatch(EC_PRIME::contains), sizes, member, call, findings);
    }

    private static void checkPair(Set<Integer> types, Set<Integer> sizes, Program.Member member,
            MethodInsnNode call, List<Finding> findings) {
        if (types.isEmpty() || sizes.isEmpty()) {
            findings.add(finding(ABSENT, member, call, "which key can't be told: name it"));
            return;
        }
        // KeyPair: ALG_RSA 1, ALG_RSA_CRT 2, ALG_EC_FP 5
        checkSizes(types.contains(1) || types.contains(2), types.contains(5), sizes, member, call,
            findings);
    }

    private static void checkSizes(boolean isRsa, boolean isCurve, Set<Integer> sizes,
            Program.Member member, MethodInsnNode call, List<Finding> findings) {
        for (int size : sizes) {
            if (isRsa && !RSA_SIZES.contains(size)) {
                findings.add(finding("rsa", member, call, "no card has RSA with " + size
                    + " bits: 1024, 1280, 1536, 1984 or 2048"));
            }
            if (isCurve && !EC_SIZES.contains(size)) {
                findings.add(finding(ABSENT, member, call, "few cards have curves with " + size
                    + " bits"));
            }
        }
    }
}
