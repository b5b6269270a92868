/* encoder_folder: a tiny encoder of random numbers as the folders that other programs write. */
#ifndef TESTS_ENCODER_FOLDER_H
#define TESTS_ENCODER_FOLDER_H

#include "check.h"

/* Writes config.json, vocab.txt and weights into dir: as safetensors, or as ONNX whose weights of
 * products have lost their names and lie transposed. Same numbers in both. 2 layers, 64 wide. */
void encoder_folder_safe(const char *dir, scope *s);
void encoder_folder_onnx(const char *dir, scope *s);

/* The bytes of the weights alone. */
slice encoder_folder_safe_bytes(scope *s);
slice encoder_folder_onnx_bytes(scope *s);

#endif
