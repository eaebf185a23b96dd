/* tflite xnnpack|builtin LIBRARY MODEL RUNS BATCH WARMUP : measures TensorFlow Lite on one thread through its C API, with
   XNNPACK or with its own kernels only. LIBRARY is libtensorflowlite_c.so. */
#include "measure.h"

typedef void Model, Options, Interpreter, Tensor, Delegate;

/* TfLiteXNNPackDelegateOptions, whose later fields differ between versions: returned in memory and larger than any. */
typedef struct { int32_t thread_count; char others[252]; } XNNPackOptions;
enum { TYPE_FLOAT32 = 1 };

static int (*invoke)(Interpreter *);

static void work(void *interpreter) {
    if (invoke(interpreter)) DIE("tflite: an inference failed");
}

int main(int argc, char **argv) {
    if (argc != 7) DIE("usage: tflite xnnpack|builtin LIBRARY MODEL RUNS BATCH WARMUP");
    void *library = open_library(argv[2]);
    Model *(*model_create)(const char *) = symbol(library, "TfLiteModelCreateFromFile");
    Options *(*options_create)(void) = symbol(library, "TfLiteInterpreterOptionsCreate");
    void (*set_threads)(Options *, int32_t) = symbol(library, "TfLiteInterpreterOptionsSetNumThreads");
    Interpreter *(*interpreter_create)(Model *, Options *) = symbol(library, "TfLiteInterpreterCreate");
    int (*allocate)(Interpreter *) = symbol(library, "TfLiteInterpreterAllocateTensors");
    int32_t (*input_count)(Interpreter *) = symbol(library, "TfLiteInterpreterGetInputTensorCount");
    Tensor *(*input)(Interpreter *, int32_t) = symbol(library, "TfLiteInterpreterGetInputTensor");
    void *(*data)(Tensor *) = symbol(library, "TfLiteTensorData");
    size_t (*byte_size)(Tensor *) = symbol(library, "TfLiteTensorByteSize");
    int (*type)(Tensor *) = symbol(library, "TfLiteTensorType");
    const char *(*version)(void) = symbol(library, "TfLiteVersion");
    XNNPackOptions (*xnnpack_defaults)(void) = symbol(library, "TfLiteXNNPackDelegateOptionsDefault");
    Delegate *(*xnnpack_create)(const XNNPackOptions *) = symbol(library, "TfLiteXNNPackDelegateCreate");
    void (*add_delegate)(Options *, Delegate *) = symbol(library, "TfLiteInterpreterOptionsAddDelegate");
    invoke = symbol(library, "TfLiteInterpreterInvoke");

    Model *model = model_create(argv[3]);
    if (!model) DIE("tflite: refuses the model");
    Options *options = options_create();
    set_threads(options, 1);
    if (!strcmp(argv[1], "xnnpack")) {
        XNNPackOptions xnnpack = xnnpack_defaults();
        xnnpack.thread_count = 1;
        add_delegate(options, xnnpack_create(&xnnpack));
    }
    Interpreter *interpreter = interpreter_create(model, options);
    if (!interpreter || allocate(interpreter)) DIE("tflite: refuses the model");
    for (int i = 0; i < input_count(interpreter); i++) {
        Tensor *tensor = input(interpreter, i);
        fill(data(tensor), byte_size(tensor), type(tensor) == TYPE_FLOAT32);
    }
    measure(parse_options(argv + 4), version(), work, interpreter);
}
