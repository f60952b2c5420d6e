from autograder import ExamQuestion

question = ExamQuestion("shapes")
