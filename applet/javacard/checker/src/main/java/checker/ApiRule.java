package checker;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.TypeInsnNode;

/** Refuses types and methods that neither the program nor Java Card 3.0.5's API has. */
final class ApiRule implements Rule {
    private static final String NAME = "api";

    @Override
    public List<Finding> check(Subject subject) {
        List<Finding> findings = new ArrayList<>();
        Program program = subject.program();
        for (ClassNode type : program.classes()) {
            List<String> above = new ArrayList<>(type.interfaces);
            above.add(type.superName);
            for (String name : above) {
                if (!isKnown(program, name)) {
                    findings.add(Finding.of(NAME, type, "extends or implements " + lacks(name)));
                }
            }
            for (FieldNode field : type.fields) {
                String name = unknown(program, Type.getType(field.desc));
                if (name != null) {
                    findings.add(Finding.of(NAME, type, "field " + field.name + ": "
                        + lacks(name)));
                }
            }
            for (MethodNode method : type.methods) {
                checkMethod(program, type, method, findings);
            }
        }
        return findings;
    }

    private static void checkMethod(Program program, ClassNode type, MethodNode method,
            List<Finding> findings) {
        for (TryCatchBlockNode block : method.tryCatchBlocks) {
            if (block.type != null && !isKnown(program, block.type)) {
                findings.add(Finding.of(NAME, type, method, block.handler, lacks(block.type)));
            }
        }
        List<Type> types = new ArrayList<>(List.of(Type.getArgumentTypes(method.desc)));
        types.add(Type.getReturnType(method.desc));
        for (Type used : types) {
            String name = unknown(program, used);
            if (name != null) {
                findings.add(Finding.of(NAME, type, method, lacks(name)));
            }
        }
        for (AbstractInsnNode insn : method.instructions) {
            String wrong = wrong(program, insn);
            if (wrong != null) {
                findings.add(Finding.of(NAME, type, method, insn, wrong));
            }
        }
    }

    private static String wrong(Program program, AbstractInsnNode insn) {
        if (insn instanceof TypeInsnNode node) {
            String name = unknown(program, Type.getObjectType(node.desc));
            return name == null ? null : lacks(name);
        }
        if (insn instanceof FieldInsnNode node && !isKnown(program, node.owner)) {
            return lacks(node.owner);
        }
        if (insn instanceof MethodInsnNode call) {
            if (call.owner.startsWith("[")) {
                return "no card has " + call.name + " of an array";
            }
            if (!isKnown(program, call.owner)) {
                return lacks(call.owner);
            }
            if (!program.has(call.owner, call.name, call.desc) && !Api.isOptional(call.owner)) {
                return lacks(call.owner) + "." + call.name + call.desc;
            }
        }
        return null;
    }

    private static String lacks(String name) {
        return "Java Card 3.0.5 has no " + Finding.dotted(name);
    }

    private static String unknown(Program program, Type type) {
        Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
        return element.getSort() != Type.OBJECT || isKnown(program, element.getInternalName())
            ? null : element.getInternalName();
    }

    private static boolean isKnown(Program program, String type) {
        return program.has(type) || program.api.has(type) || Api.isOptional(type); // AlgorithmRule's
    }
}
