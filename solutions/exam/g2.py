from autograder import ExamQuestion

question = ExamQuestion("gru_parameters")
