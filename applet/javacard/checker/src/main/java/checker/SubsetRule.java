package checker;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Refuses what isn't in Java Card's subset of Java (Java Card VM specification, classic edition
 * 3.0.5, 2.2.1): types, threads, and language that needs them.
 */
final class SubsetRule implements Rule {
    private static final String NAME = "subset";

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        for (ClassNode type : subject.program().classes()) {
            checkClass(type, subject.settings(), findings);
            for (FieldNode field : type.fields) {
                String wrong = wrong(Type.getType(field.desc));
                if (wrong != null && !isAssertions(field.name)) {
                    findings.add(Finding.of(NAME, type, "field " + field.name + " is " + wrong));
                }
            }
            for (MethodNode method : type.methods) {
                checkMethod(type, method, findings);
            }
        }
        return findings;
    }

    private static void checkClass(ClassNode type, Settings settings, List<Finding> findings) {
        int version = type.version & 0xFFFF;
        if (version > settings.classFile()) {
            findings.add(Finding.of(NAME, type, "class file version " + version
                + ", the converter reads " + settings.classFile() + " at most: javac --release"));
        }
        if ((type.access & Opcodes.ACC_ENUM) != 0) {
            findings.add(Finding.of(NAME, type, "an enum: use byte constants"));
        }
    }

    private static void checkMethod(ClassNode type, MethodNode method, List<Finding> findings) {
        if ((method.access & Opcodes.ACC_SYNCHRONIZED) != 0) {
            findings.add(Finding.of(NAME, type, method, "synchronized: a card has no threads"));
        }
        if ((method.access & Opcodes.ACC_NATIVE) != 0) {
            findings.add(Finding.of(NAME, type, "native method " + method.name));
        }
        if ((type.access & Opcodes.ACC_INTERFACE) != 0 && method.instructions.size() > 0
                && !method.name.equals("<clinit>")) {
            findings.add(Finding.of(NAME, type, method, "an interface's method with code"));
        }
        if (method.name.equals("finalize") && method.desc.equals("()V")) {
            findings.add(Finding.of(NAME, type, method, "no card finalizes"));
        }
        List<Type> types = new ArrayList<>(List.of(Type.getArgumentTypes(method.desc)));
        types.add(Type.getReturnType(method.desc));
        for (Type used : types) {
            String wrong = wrong(used);
            if (wrong != null) {
                findings.add(Finding.of(NAME, type, method, "takes or returns " + wrong));
            }
        }
        for (AbstractInsnNode insn : method.instructions) {
            String wrong = insn.getOpcode() < 0 ? null : wrong(insn);
            if (wrong != null) {
                findings.add(Finding.of(NAME, type, method, insn, wrong));
            }
        }
    }

    /** Says what is wrong with a type, or null. */
    private static String wrong(Type type) {
        if (type.getSort() == Type.ARRAY && type.getDimensions() > 1) {
            return "an array of arrays: a card's arrays have one dimension";
        }
        Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
        return switch (element.getSort()) {
            case Type.INT -> "an int, which few cards have";
            case Type.LONG, Type.FLOAT, Type.DOUBLE, Type.CHAR ->
                "a " + element.getClassName() + ", which no card has";
            default -> null; // other classes: ApiRule
        };
    }

    private static boolean isAssertions(String field) {
        return field.equals("$assertionsDisabled");
    }

    private static String wrong(AbstractInsnNode insn) {
        int opcode = insn.getOpcode();
        if (isForeign(opcode)) {
            return "computes with long, float, double or char";
        }
        return switch (opcode) {
            case Opcodes.MONITORENTER -> "synchronized: a card has no threads";
            case Opcodes.INVOKEDYNAMIC -> "a lambda, a method reference or joined strings";
            case Opcodes.MULTIANEWARRAY -> "an array of arrays: a card's arrays have one dimension";
            case Opcodes.IALOAD, Opcodes.IASTORE -> "an int array, which few cards have";
            case Opcodes.NEWARRAY -> wrong(Type.getType("[" + element((IntInsnNode) insn)));
            case Opcodes.ANEWARRAY -> ((TypeInsnNode) insn).desc.startsWith("[")
                ? "an array of arrays: a card's arrays have one dimension" : null;
            case Opcodes.GETSTATIC -> isAssertions(((FieldInsnNode) insn).name)
                ? "an assertion: a card never checks it" : null;
            case Opcodes.LDC -> ((LdcInsnNode) insn).cst instanceof Integer ? null
                : "a constant that is no number: a String, a class";
            default -> null;
        };
    }

    private static String element(IntInsnNode insn) {
        return switch (insn.operand) {
            case Opcodes.T_INT -> "I";
            case Opcodes.T_LONG -> "J";
            case Opcodes.T_FLOAT -> "F";
            case Opcodes.T_DOUBLE -> "D";
            case Opcodes.T_CHAR -> "C";
            default -> "B";
        };
    }

    /** Says whether an instruction is one of those for long, float, double and char. */
    private static boolean isForeign(int opcode) {
        boolean loads = opcode >= Opcodes.LCONST_0 && opcode <= Opcodes.DCONST_1
            || opcode >= Opcodes.LLOAD && opcode <= Opcodes.DLOAD
            || opcode >= Opcodes.LALOAD && opcode <= Opcodes.DALOAD || opcode == Opcodes.CALOAD;
        boolean stores = opcode >= Opcodes.LSTORE && opcode <= Opcodes.DSTORE
            || opcode >= Opcodes.LASTORE && opcode <= Opcodes.DASTORE || opcode == Opcodes.CASTORE;
        boolean converts = opcode >= Opcodes.I2L && opcode <= Opcodes.D2F || opcode == Opcodes.I2C
            || opcode >= Opcodes.LCMP && opcode <= Opcodes.DCMPG;
        boolean isLongShift = opcode == Opcodes.LSHL || opcode == Opcodes.LSHR
            || opcode == Opcodes.LUSHR || opcode == Opcodes.LAND || opcode == Opcodes.LOR
            || opcode == Opcodes.LXOR;
        boolean adds = opcode >= Opcodes.IADD && opcode <= Opcodes.DNEG
            && (opcode - Opcodes.IADD) % 4 != 0; // int, long, float, double by turns
        return loads || stores || converts || isLongShift || adds;
    }
}
