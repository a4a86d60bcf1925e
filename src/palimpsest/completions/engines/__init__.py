"""Engines that answer requests. They differ in speed, never in what an answer means."""
