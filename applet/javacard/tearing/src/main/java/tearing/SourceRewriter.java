package tearing;

import java.util.Set;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Rewrites the classes of jCardSim that draw by chance: they ask {@link Sources} first. What they do
 * while nothing is recorded stays as it is.
 */
final class SourceRewriter extends ClassVisitor {
    private static final String RANDOM = "com/licel/jcardsim/crypto/RandomDataImpl";
    private static final String PAIR = "com/licel/jcardsim/crypto/KeyPairImpl";
    private static final String CRYPTO = "com/licel/jcardsim/bouncycastle/crypto/";
    private static final String SIGNER = CRYPTO + "signers/ECDSASigner";
    private static final String K = CRYPTO + "signers/RandomDSAKCalculator";

    /** The classes that it is for. */
    static final Set<String> TARGETS = Set.of(RANDOM, PAIR, SIGNER);

    private String self;

    SourceRewriter(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    @Override
    public void visit(int version, int access, String name, String signature, String superName,
            String[] interfaces) {
        self = name;
        super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
            String[] exceptions) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
        if (self.equals(RANDOM) && (name.equals("generateData") || name.equals("nextBytes"))) {
            return new Random(next, descriptor.endsWith("S"));
        }
        if (self.equals(PAIR) && name.equals("genKeyPair")) {
            return new Pair(next);
        }
        return self.equals(SIGNER) && name.equals("<init>") ? new Signer(next) : next;
    }

    private static void sources(MethodVisitor mv, String method, String descriptor) {
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, "tearing/Sources", method, descriptor, false);
    }

    /**
     * {@code if (Sources.random(buffer, offset, length)) return;} comes first, with the end of what
     * was written where that is returned.
     */
    private static final class Random extends MethodVisitor {
        private final boolean hasResult;

        Random(MethodVisitor next, boolean hasResult) {
            super(Opcodes.ASM9, next);
            this.hasResult = hasResult;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            Label own = new Label();
            super.visitVarInsn(Opcodes.ALOAD, 1);
            super.visitVarInsn(Opcodes.ILOAD, 2);
            super.visitVarInsn(Opcodes.ILOAD, 3);
            sources(mv, "random", "([BSS)Z");
            super.visitJumpInsn(Opcodes.IFEQ, own);
            if (hasResult) {
                super.visitVarInsn(Opcodes.ILOAD, 2);
                super.visitVarInsn(Opcodes.ILOAD, 3);
                super.visitInsn(Opcodes.IADD);
                super.visitInsn(Opcodes.I2S);
                super.visitInsn(Opcodes.IRETURN);
            } else {
                super.visitInsn(Opcodes.RETURN);
            }
            super.visitLabel(own);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }
    }

    /** {@code rnd = Sources.keys(rnd);} comes first. */
    private static final class Pair extends MethodVisitor {
        private static final String TYPE = "Ljava/security/SecureRandom;";

        Pair(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitFieldInsn(Opcodes.GETFIELD, PAIR, "rnd", TYPE);
            sources(mv, "keys", "(" + TYPE + ")" + TYPE);
            super.visitFieldInsn(Opcodes.PUTFIELD, PAIR, "rnd", TYPE);
        }
    }

    /** {@code Sources.signatures(new RandomDSAKCalculator())} stands in for what is in brackets. */
    private static final class Signer extends MethodVisitor {
        Signer(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor,
                boolean isInterface) {
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            if (opcode == Opcodes.INVOKESPECIAL && owner.equals(K)) {
                String type = "L" + CRYPTO + "signers/DSAKCalculator;";
                sources(mv, "signatures", "(" + type + ")" + type);
            }
        }
    }
}
