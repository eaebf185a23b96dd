/* litert LIBRARY MODEL RUNS BATCH WARMUP : measures LiteRT with XNNPACK through the C API of compiled models, the one
   that LiteRT 2 is built around. LIBRARY is libLiteRt.so; declarations follow litert/c of github.com/google-ai-edge/LiteRT. */
#include "measure.h"

typedef void *Handle; /* LiteRtEnvironment, LiteRtModel, LiteRtTensor and so on are pointers to hidden structs */
typedef struct {
    int element_type;
    struct {
        unsigned rank : 7, has_strides : 1;
        int32_t dimensions[8];
        uint32_t strides[8];
    } layout;
} RankedTensorType;
enum { ELEMENT_FLOAT32 = 1, ACCELERATOR_CPU = 1, LOCK_WRITE = 1, MAX_PORTS = 8 };

struct session {
    Handle compiled, inputs[MAX_PORTS], outputs[MAX_PORTS];
    size_t input_count, output_count;
};

static int (*run)(Handle, size_t, size_t, Handle *, size_t, Handle *);

static void check(int status, const char *what) {
    if (status) DIE("litert: %s: status %d", what, status);
}

static void work(void *context) {
    struct session *s = context;
    check(run(s->compiled, 0, s->input_count, s->inputs, s->output_count, s->outputs), "an inference failed");
}

/* A buffer for the tensor, as the compiled model wants it. */
static Handle make_buffer(void *library, Handle environment, Handle tensor, Handle requirements, RankedTensorType *type) {
    int (*ranked_type)(Handle, RankedTensorType *) = symbol(library, "LiteRtGetRankedTensorType");
    int (*create)(Handle, const RankedTensorType *, Handle, Handle *) =
        symbol(library, "LiteRtCreateManagedTensorBufferFromRequirements");
    Handle buffer;
    check(ranked_type(tensor, type), "type of a tensor");
    /* Models with a batch of any size run with one of 1. */
    for (unsigned d = 0; d < type->layout.rank; d++)
        if (type->layout.dimensions[d] < 0) type->layout.dimensions[d] = 1;
    check(create(environment, type, requirements, &buffer), "a tensor's buffer");
    return buffer;
}

int main(int argc, char **argv) {
    if (argc != 6) DIE("usage: litert LIBRARY MODEL RUNS BATCH WARMUP");
    void *library = open_library(argv[1]);
    int (*create_environment)(int, const void *, Handle *) = symbol(library, "LiteRtCreateEnvironment");
    int (*create_model)(Handle, const char *, Handle *) = symbol(library, "LiteRtCreateModelFromFile");
    int (*create_options)(Handle *) = symbol(library, "LiteRtCreateOptions");
    int (*set_accelerators)(Handle, int) = symbol(library, "LiteRtSetOptionsHardwareAccelerators");
    int (*compile)(Handle, Handle, Handle, Handle *) = symbol(library, "LiteRtCreateCompiledModel");
    int (*get_signature)(Handle, size_t, Handle *) = symbol(library, "LiteRtGetModelSignature");
    int (*get_subgraph)(Handle, Handle *) = symbol(library, "LiteRtGetSignatureSubgraph");
    int (*count_inputs)(Handle, size_t *) = symbol(library, "LiteRtGetNumSubgraphInputs");
    int (*count_outputs)(Handle, size_t *) = symbol(library, "LiteRtGetNumSubgraphOutputs");
    int (*get_input)(Handle, size_t, Handle *) = symbol(library, "LiteRtGetSubgraphInput");
    int (*get_output)(Handle, size_t, Handle *) = symbol(library, "LiteRtGetSubgraphOutput");
    int (*input_needs)(Handle, size_t, size_t, Handle *) = symbol(library, "LiteRtGetCompiledModelInputBufferRequirements");
    int (*output_needs)(Handle, size_t, size_t, Handle *) = symbol(library, "LiteRtGetCompiledModelOutputBufferRequirements");
    int (*packed_size)(Handle, size_t *) = symbol(library, "LiteRtGetTensorBufferPackedSize");
    int (*lock)(Handle, void **, int) = symbol(library, "LiteRtLockTensorBuffer");
    int (*unlock)(Handle) = symbol(library, "LiteRtUnlockTensorBuffer");
    run = symbol(library, "LiteRtRunCompiledModel");

    struct session s = {0};
    Handle environment, model, options, signature, subgraph, tensor, needs;
    RankedTensorType type;
    check(create_environment(0, NULL, &environment), "environment");
    check(create_model(environment, argv[2], &model), "refuses the model");
    check(create_options(&options), "options");
    check(set_accelerators(options, ACCELERATOR_CPU), "options");
    check(compile(environment, model, options, &s.compiled), "refuses the model");
    check(get_signature(model, 0, &signature), "signature");
    check(get_subgraph(signature, &subgraph), "subgraph");
    check(count_inputs(subgraph, &s.input_count), "inputs");
    check(count_outputs(subgraph, &s.output_count), "outputs");
    if (s.input_count > MAX_PORTS || s.output_count > MAX_PORTS) DIE("litert: too many inputs or outputs");
    for (size_t i = 0; i < s.input_count; i++) {
        void *bytes;
        size_t size;
        check(get_input(subgraph, i, &tensor), "input");
        check(input_needs(s.compiled, 0, i, &needs), "input");
        s.inputs[i] = make_buffer(library, environment, tensor, needs, &type);
        check(packed_size(s.inputs[i], &size), "size of an input");
        check(lock(s.inputs[i], &bytes, LOCK_WRITE), "an input's buffer");
        fill(bytes, size, type.element_type == ELEMENT_FLOAT32);
        check(unlock(s.inputs[i]), "an input's buffer");
    }
    for (size_t i = 0; i < s.output_count; i++) {
        check(get_output(subgraph, i, &tensor), "output");
        check(output_needs(s.compiled, 0, i, &needs), "output");
        s.outputs[i] = make_buffer(library, environment, tensor, needs, &type);
    }
    measure(parse_options(argv + 3), "compiled model", work, &s);
}
