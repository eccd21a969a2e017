"""Answers that a language model writes: asked only where the user says, and shown only if checked."""

import http.server
import importlib.util
import json
import threading
from dataclasses import replace

import pytest

import rag
from rag.cli import run
from rag.settings import load_settings
from tests_llm_support import *  # noqa: F403
