"""Plain definitions of the float front-ends in double precision, independent of the Swift ones: dense
matrices and numpy's FFT. MFCC as mlcommons/tiny's get_dataset.py has TensorFlow compute them."""

import numpy as np


def windows(x, window, hop):
    return np.array([x[at : at + window] for at in range(0, len(x) - window + 1, hop)])


def spectra(x, window, hop, size):
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    return np.abs(np.fft.rfft(windows(x, window, hop) * hann, size))


def htk_matrix(bins, size, rate, low, high):
    """tf.signal.linear_to_mel_weight_matrix, [size / 2 + 1, bins]."""
    mel = lambda f: 1127 * np.log1p(f / 700)
    f = mel(np.linspace(0, rate / 2, size // 2 + 1))[:, None]
    edges = np.linspace(mel(low), mel(high), bins + 2)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    matrix = np.maximum(0, np.minimum((f - lower) / (centre - lower), (upper - f) / (upper - centre)))
    matrix[0] = 0
    return matrix


def slaney_matrix(bins, size, rate, low, high):
    """librosa.filters.mel with its defaults, transposed."""
    step = np.log(6.4) / 27
    mel = lambda f: f * 3 / 200 if f < 1000 else 15 + np.log(f / 1000) / step
    hertz = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp(step * (m - 15)))
    edges = hertz(np.linspace(mel(low), mel(high), bins + 2))
    f = np.linspace(0, rate / 2, size // 2 + 1)[:, None]
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.maximum(0, np.minimum((f - lower) / (centre - lower), (upper - f) / (upper - centre)))
    return triangles * 2 / (upper - lower)


def mfcc(clip):
    """[49, 10] of int16 [16000]."""
    x = clip / clip.max() if clip.max() != 0 else clip.astype(float)
    mel = np.log(spectra(x, 480, 320, 512) @ htk_matrix(40, 512, 16000, 20, 4000) + 1e-6)
    i = np.arange(40)
    # DCT-II of 2 * sum, over sqrt(2 * 40).
    cosines = np.array([2 * np.cos(np.pi * k * (2 * i + 1) / 80) for k in range(10)]) / np.sqrt(80)
    return mel @ cosines.T


def log_mel(clip):
    """[77, 64] of int16 [16000]: 640 samples every 200, FFT 1024, power, Slaney, floor 1e-10."""
    power = spectra(clip / 32768, 640, 200, 1024) ** 2
    return np.log(np.maximum(power @ slaney_matrix(64, 1024, 16000, 60, 7800), 1e-10))
