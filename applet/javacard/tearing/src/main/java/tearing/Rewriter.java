package tearing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Rewrites a class of an applet: its stores, allocations of arrays, transactions and exception
 * handlers go through {@link Stores}, its calls of the platform that may store or are counted
 * through {@link Calls}. It adds no branch, so the class's stack frames stay as they are.
 *
 * <p>Left alone are static initialisers, which a card's converter runs, what a constructor stores
 * before it has called its superclass's, and long, float, double and char, which cards don't have.
 */
final class Rewriter extends ClassVisitor {
    /** Begins the names of the methods that are added. */
    static final String PREFIX = "tearing$";

    private static final String STORES = "tearing/Stores";
    private static final Set<String> UTIL = Set.of("arrayCopy", "arrayCopyNonAtomic", "arrayFill",
        "arrayFillNonAtomic", "setShort");
    private static final Set<String> SYSTEM = Set.of("beginTransaction", "commitTransaction",
        "abortTransaction");
    private static final Map<Integer, String> ARRAY_STORES = Map.of(
        Opcodes.BASTORE, "(Ljava/lang/Object;II)V", Opcodes.SASTORE, "([SII)V",
        Opcodes.IASTORE, "([III)V", Opcodes.AASTORE, "([Ljava/lang/Object;ILjava/lang/Object;)V");
    private static final Map<Integer, String> NAMES = Map.of(Opcodes.BASTORE, "bastore",
        Opcodes.SASTORE, "sastore", Opcodes.IASTORE, "iastore", Opcodes.AASTORE, "aastore");

    private record Call(int opcode, String owner, String name, String descriptor,
            boolean isInterface) {
    }

    private final Map<Call, String> bridges = new HashMap<>();
    private String self;

    Rewriter(ClassVisitor next) {
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
        return new Body(super.visitMethod(access, name, descriptor, signature, exceptions), name);
    }

    @Override
    public void visitEnd() {
        bridges.forEach(this::bridge);
        super.visitEnd();
    }

    /**
     * Writes a static method that makes one call of the platform: {@code Object noted =
     * Calls.before(receiver, name, arguments); result = receiver.name(...); Calls.after(noted);
     * return result}.
     */
    private void bridge(Call call, String name) {
        Type[] types = Type.getArgumentTypes(bridgeDescriptor(call));
        MethodVisitor mv = super.visitMethod(
            Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC, name,
            bridgeDescriptor(call), null, null);
        mv.visitCode();
        boolean isStatic = call.opcode == Opcodes.INVOKESTATIC;
        if (isStatic) {
            mv.visitInsn(Opcodes.ACONST_NULL);
        } else {
            mv.visitVarInsn(Opcodes.ALOAD, 0);
        }
        mv.visitLdcInsn(call.name);
        int slots = pushArguments(mv, types, isStatic ? 0 : 1);
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, "tearing/Calls", "before",
            "(Ljava/lang/Object;Ljava/lang/String;[Ljava/lang/Object;)Ljava/lang/Object;", false);
        mv.visitVarInsn(Opcodes.ASTORE, slots);
        int at = 0;
        for (Type type : types) {
            mv.visitVarInsn(type.getOpcode(Opcodes.ILOAD), at);
            at += type.getSize();
        }
        mv.visitMethodInsn(call.opcode, call.owner, call.name, call.descriptor, call.isInterface);
        mv.visitVarInsn(Opcodes.ALOAD, slots);
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, "tearing/Calls", "after", "(Ljava/lang/Object;)V",
            false);
        mv.visitInsn(Type.getReturnType(call.descriptor).getOpcode(Opcodes.IRETURN));
        mv.visitMaxs(0, 0); // are computed
        mv.visitEnd();
    }

    /** Pushes an array of a bridge's arguments from one on, and returns how many slots all take. */
    private static int pushArguments(MethodVisitor mv, Type[] types, int from) {
        mv.visitIntInsn(Opcodes.BIPUSH, types.length - from);
        mv.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/Object");
        int slot = 0;
        for (int i = 0; i < types.length; i++) {
            if (i >= from) {
                mv.visitInsn(Opcodes.DUP);
                mv.visitIntInsn(Opcodes.BIPUSH, i - from);
                mv.visitVarInsn(types[i].getOpcode(Opcodes.ILOAD), slot);
                if (types[i].getSort() < Type.ARRAY) { // cards have no long, float or double
                    mv.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Integer", "valueOf",
                        "(I)Ljava/lang/Integer;", false);
                }
                mv.visitInsn(Opcodes.AASTORE);
            }
            slot += types[i].getSize();
        }
        return slot;
    }

    private static String bridgeDescriptor(Call call) {
        if (call.opcode == Opcodes.INVOKESTATIC) {
            return call.descriptor;
        }
        return "(L" + call.owner + ";" + call.descriptor.substring(1);
    }

    /** Says whether a call of the platform may store, or is counted. */
    private static boolean isWatched(Call call) {
        if (call.opcode == Opcodes.INVOKESPECIAL || call.owner.equals("javacard/framework/Applet")
                || call.owner.endsWith("Exception")) {
            return false;
        }
        if (call.opcode == Opcodes.INVOKESTATIC) {
            return call.owner.startsWith("javacardx/") && call.descriptor.contains("[");
        }
        if (!call.owner.startsWith("javacard/") && !call.owner.startsWith("javacardx/")) {
            return false;
        }
        return call.descriptor.contains("[") || Calls.MUTATORS.contains(call.name)
            || call.name.equals("init");
    }

    /** One method's instructions. */
    private final class Body extends MethodVisitor {
        private final boolean isInitialiser;
        private final Set<Label> handlers = new HashSet<>();
        private boolean inPrologue;
        private boolean atHandler;
        private int allocated;

        Body(MethodVisitor next, String name) {
            super(Opcodes.ASM9, next);
            isInitialiser = name.equals("<clinit>");
            inPrologue = name.equals("<init>");
        }

        private boolean isLeftAlone() {
            return isInitialiser || inPrologue;
        }

        private void stores(String name, String descriptor) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, STORES, name, descriptor, false);
        }

        private void checkAtHandler() {
            if (atHandler) {
                atHandler = false;
                stores("checkPower", "()V");
            }
        }

        @Override
        public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
            handlers.add(handler);
            super.visitTryCatchBlock(start, end, handler, type);
        }

        @Override
        public void visitLabel(Label label) {
            super.visitLabel(label);
            atHandler |= handlers.contains(label);
        }

        @Override
        public void visitInsn(int opcode) {
            checkAtHandler();
            String descriptor = ARRAY_STORES.get(opcode);
            if (descriptor == null || isLeftAlone()) {
                super.visitInsn(opcode);
            } else {
                stores(NAMES.get(opcode), descriptor);
            }
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            checkAtHandler();
            super.visitIntInsn(opcode, operand);
            if (opcode == Opcodes.NEWARRAY) {
                made();
            }
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            checkAtHandler();
            super.visitTypeInsn(opcode, type);
            if (opcode == Opcodes.ANEWARRAY) {
                made();
            } else if (opcode == Opcodes.NEW) {
                allocated++;
            }
        }

        private void made() {
            super.visitInsn(Opcodes.DUP);
            stores("made", "(Ljava/lang/Object;)V");
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            checkAtHandler();
            boolean isWide = descriptor.equals("J") || descriptor.equals("D");
            if (opcode == Opcodes.PUTFIELD && !isLeftAlone() && !isWide) {
                super.visitInsn(Opcodes.DUP2);
                super.visitInsn(Opcodes.POP);
                super.visitLdcInsn(Type.getObjectType(owner));
                super.visitLdcInsn(name);
                stores("field", "(Ljava/lang/Object;Ljava/lang/Class;Ljava/lang/String;)V");
            } else if (opcode == Opcodes.PUTSTATIC && !isLeftAlone() && !isWide) {
                super.visitLdcInsn(Type.getObjectType(owner));
                super.visitLdcInsn(name);
                stores("field", "(Ljava/lang/Class;Ljava/lang/String;)V");
            }
            super.visitFieldInsn(opcode, owner, name, descriptor);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor,
                boolean isInterface) {
            checkAtHandler();
            Call call = new Call(opcode, owner, name, descriptor, isInterface);
            if (isInitialiser) {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            } else if (owner.equals("javacard/framework/Util") && UTIL.contains(name)
                    || owner.equals("javacard/framework/JCSystem") && SYSTEM.contains(name)) {
                stores(name, descriptor);
            } else if (isWatched(call)) {
                String bridge = bridges.computeIfAbsent(call, c -> PREFIX + bridges.size());
                super.visitMethodInsn(Opcodes.INVOKESTATIC, self, bridge, bridgeDescriptor(call),
                    false);
            } else {
                super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            }
            if (opcode == Opcodes.INVOKESPECIAL && name.equals("<init>")) {
                inPrologue &= allocated > 0;
                allocated--;
            }
        }

        @Override
        public void visitVarInsn(int opcode, int varIndex) {
            checkAtHandler();
            super.visitVarInsn(opcode, varIndex);
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            checkAtHandler();
            super.visitJumpInsn(opcode, label);
        }

        @Override
        public void visitLdcInsn(Object value) {
            checkAtHandler();
            super.visitLdcInsn(value);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap,
                Object... arguments) {
            throw new IllegalStateException(self + ": no card has invokedynamic");
        }
    }
}
